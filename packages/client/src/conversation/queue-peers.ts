/**
 * Who holds or reads a queue: its relays, at the newest address that is known for each, and for queues of our own the
 * devices that said where they can be dialled.
 */
import { bytesEqual, compareBytes, isSamePeer, type PeerAddress, type Primitives } from '@mycelium/protocol';
import type { FollowedQueue, OwnedQueue } from '@mycelium/runtime';
import { isDirect } from '../contacts/contact-row.ts';
import type { Rows } from '../loop/rows.ts';
import { textKey } from '../store/keys.ts';
import type { ContactRow, OwnFeedRow, PeerFeedRow, QueueRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';

const relaysOfFeed = 3;

/** At most three of both sides' relays, by rendezvous hashing with the queue's route: load spreads by itself. */
export function chooseRelays(
  primitives: Primitives,
  place: Uint8Array,
  candidates: readonly PeerAddress[],
): readonly PeerAddress[] {
  return uniqueByKey(candidates)
    .map((relay) => ({ relay, weight: primitives.sha256(place, relay.key) }))
    .toSorted((left, right) => compareBytes(left.weight, right.weight))
    .slice(0, relaysOfFeed)
    .map(({ relay }) => relay);
}

export function uniqueByKey(peers: readonly PeerAddress[]): readonly PeerAddress[] {
  return peers.filter((peer, at) => peers.findIndex((other) => bytesEqual(other.key, peer.key)) === at);
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

function unique(peers: readonly PeerAddress[]): readonly PeerAddress[] {
  return peers.filter((peer, at) => peers.findIndex((other) => isSamePeer(other, peer)) === at);
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
  queue: Extract<QueueRow, { readonly kind: 'own' }>,
  feed: OwnFeedRow,
  local: readonly PeerAddress[],
): OwnedQueue {
  const contact = rows.get(tables.contacts, textKey(feed.address));
  const direct =
    contact?.status === 'accepted' && isDirect(contact)
      ? contact.devices
          .filter((device) => feed.readers.some((reader) => bytesEqual(reader.deviceKey, device.deviceKey)))
          .flatMap((device) => device.addresses)
      : [];
  const relays = newest(away(queue.relays, contact), [...local, ...addressesOf(contact)]);
  const { route, readerSeed, ownerPublicKey, ownerSeed, base, next } = queue;
  return { route, readerSeed, ownerPublicKey, ownerSeed, base, next, peers: unique([...relays, ...direct]) };
}

export function followedQueue(rows: Rows, feed: PeerFeedRow, local: readonly PeerAddress[]): FollowedQueue {
  const contact = rows.get(tables.contacts, textKey(feed.address));
  const { route, readerSeed, ownerPublicKey } = feed.reader;
  const peers = unique(newest(away(feed.relays, contact), [...local, ...addressesOf(contact)]));
  return { route, readerSeed, ownerPublicKey, peers, from: feed.index };
}
