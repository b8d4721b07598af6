/**
 * Who holds or reads a queue: its relays, at the newest address that is known for each, and for queues of our own the
 * devices that said where they can be dialled.
 */
import { bytesEqual, feedRelays, queueHolders, type PeerAddress, type Primitives } from '@mycelium/protocol';
import type { FollowedQueue, OwnedQueue } from '@mycelium/runtime';
import { contactState, isDirect } from '../contacts/contact-row.ts';
import type { Rows } from '../loop/rows.ts';
import { isAway, neverMet, type RelayHealth } from '../relays/health.ts';
import { hasKey, unique, uniqueByKey } from '../relays/peer-lists.ts';
import { rankRelays } from '../relays/rendezvous.ts';
import { textKey } from '../store/keys.ts';
import type { ContactRow, OwnFeedRow, PeerFeedRow, QueueRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';

/** At most three of both sides' relays: those that this place falls to, the ones that do well more often. */
export function chooseRelays(
  rows: Rows,
  primitives: Primitives,
  place: Uint8Array,
  candidates: readonly PeerAddress[],
): readonly PeerAddress[] {
  const healthOf = ({ key }: PeerAddress): RelayHealth => rows.get(tables.relays, key)?.health ?? neverMet;
  return rankRelays(primitives, place, candidates, healthOf).slice(0, feedRelays);
}

/** Where relays are now: what their owner says today counts for more than what was announced with the queue. */
function newest(relays: readonly PeerAddress[], known: readonly PeerAddress[]): readonly PeerAddress[] {
  return relays.flatMap((relay) => {
    const today = known.filter((peer) => bytesEqual(peer.key, relay.key) && peer.endpoint !== undefined);
    return today.length > 0 ? today : [relay];
  });
}

function addressesOf(contact: ContactRow | undefined): readonly PeerAddress[] {
  if (contact === undefined) return [];
  return [...contact.devices.flatMap((device) => device.addresses), ...contact.relays];
}

/**
 * While some of these are away, others of both sides: a writer appends to as many, a reader looks at all of them. They do not
 * count for *stored*.
 */
function standIns(
  rows: Rows,
  primitives: Primitives,
  { route, held }: { readonly route: Uint8Array; readonly held: readonly PeerAddress[] },
  today: readonly PeerAddress[],
): { readonly missing: number; readonly others: readonly PeerAddress[] } {
  const isHere = ({ key }: PeerAddress): boolean => !isAway(rows.get(tables.relays, key)?.health ?? neverMet);
  const missing = held.filter((relay) => !isHere(relay)).length;
  const others = missing === 0 ? [] : today.filter((relay) => !hasKey(held, relay) && isHere(relay));
  return { missing, others: rankRelays(primitives, route, others) };
}

/** Without relays that run on devices of a contact who is not to learn our IP address, as long as there is another. */
function away(relays: readonly PeerAddress[], contact: ContactRow | undefined): readonly PeerAddress[] {
  if (contact === undefined || isDirect(contact)) return relays;
  const devices = contact.devices.flatMap(({ addresses }) => addresses);
  const others = relays.filter((relay) => !devices.some(({ key }) => bytesEqual(key, relay.key)));
  return others.length > 0 ? others : relays;
}

/** `local`: our own relays as they are now. */
export function ownedQueue(
  rows: Rows,
  { primitives }: { readonly primitives: Primitives },
  { queue, feed }: { readonly queue: OwnQueueRow; readonly feed: OwnFeedRow },
  local: readonly PeerAddress[],
): OwnedQueue {
  const contact = rows.get(tables.contacts, textKey(feed.address));
  const direct =
    contact?.status === 'accepted' && isDirect(contact)
      ? contact.devices
          .filter((device) => feed.readers.some((reader) => bytesEqual(reader.deviceKey, device.deviceKey)))
          .flatMap((device) => device.addresses)
      : [];
  const { route, readerSeed, ownerPublicKey, ownerSeed, base, next } = queue;
  // One that was replaced may come back, and gets what it missed.
  const held = uniqueByKey([...(queue.holders ?? []), ...queue.relays]);
  const today = [...local, ...(contact?.relays ?? [])];
  const { missing, others } = standIns(
    rows,
    primitives,
    { route, held: queue.holders ?? queue.relays },
    today,
  );
  const relays = newest(away([...held, ...others.slice(0, missing)], contact), [
    ...local,
    ...addressesOf(contact),
  ]);
  const keys = { route, readerSeed, ownerPublicKey, ownerSeed };
  const peers = unique([...relays, ...direct]);
  return { ...keys, base, next, peers, through: direct.length > 0 ? unique(relays) : [] };
}

export function followedQueue(
  rows: Rows,
  { primitives }: { readonly primitives: Primitives },
  feed: PeerFeedRow,
  local: readonly PeerAddress[],
): FollowedQueue {
  const contact = rows.get(tables.contacts, textKey(feed.address));
  const { route, readerSeed, ownerPublicKey } = feed.reader;
  const { relays, index: from } = feed;
  const former = contact === undefined ? [] : contactState(primitives, contact).formerRelays;
  const today = [...local, ...(contact?.relays ?? [])];
  const held = uniqueByKey([
    ...relays,
    ...queueHolders(primitives, { route, announced: relays, former, today }),
  ]);
  const { others } = standIns(rows, primitives, { route, held }, today);
  const peers = unique(newest(away([...held, ...others], contact), [...local, ...addressesOf(contact)]));
  return { route, readerSeed, ownerPublicKey, peers, from };
}

type OwnQueueRow = Extract<QueueRow, { readonly kind: 'own' }>;
