/**
 * When a feed changes its keys (spec/feeds.md, "Epochs"): after a hundred messages or a day of use, before the next
 * message; where a program says thousands a second, every second or every thousand. The newest secrets of the other side's feeds are mixed in, so that a copied device is shut out again by
 * the next exchange in both directions.
 */
import { concatBytes, liveDevice, type FeedPsk } from '@mycelium/protocol';
import { contactState, findDevice } from '../contacts/contact-row.ts';
import type { Draft } from '../loop/draft.ts';
import type { Rows } from '../loop/rows.ts';
import type { StepPorts } from '../ports.ts';
import { numberKey, numberOfKey, placeKey, prefixRange } from '../store/keys.ts';
import type { ContactRow, OwnFeedRow, PeerFeedRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { changeEpoch, pskLabel } from './own-feed.ts';

const messagesPerEpoch = 100;
const epochMsMax = 24 * 3_600_000;
/** A commit costs both sides some milliseconds: not more often than this, except after so many messages. */
const epochMsMin = 1_000;
const messagesPerEpochMax = 1_000;

/** Removes devices that the account has revoked, then refreshes if it is time. */
export async function refreshIfDue(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  feed: OwnFeedRow,
): Promise<OwnFeedRow> {
  const current = await removeRevoked(draft, ports, contact, feed);
  if (!isOver(current.messagesInEpoch, draft.nowMs - current.epochSinceMs)) return current;
  const state = draft.get(tables.groups, current.feedId);
  if (state === undefined) return current;
  const psks = freshPsks(draft, contact, current);
  return changeEpoch(draft, ports, current, await ports.agreement.refresh(state, psks));
}

function isOver(messages: number, ageMs: number): boolean {
  if (messages >= messagesPerEpochMax) return true;
  return messages >= messagesPerEpoch ? ageMs >= epochMsMin : messages > 0 && ageMs >= epochMsMax;
}

/** Devices of the contact that are not live any more read nothing of what comes. */
export async function removeRevoked(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  feed: OwnFeedRow,
): Promise<OwnFeedRow> {
  const log = contactState(ports.primitives, contact);
  const gone = feed.readers.filter(({ deviceKey }) => liveDevice(log, deviceKey, draft.nowMs) === undefined);
  const state = draft.get(tables.groups, feed.feedId);
  if (gone.length === 0 || state === undefined) return feed;
  const keys = gone.map(({ deviceKey }) => deviceKey);
  const readers = feed.readers.filter((reader) => !gone.includes(reader));
  return changeEpoch(draft, ports, { ...feed, readers }, await ports.agreement.remove(state, keys));
}

/** Feed id ‖ epoch. */
export function pskId(feedId: Uint8Array, epoch: number): Uint8Array {
  return concatBytes(feedId, numberKey(epoch));
}

/**
 * Only where the other side's feed has the same two members as ours: a third device could not follow a commit whose
 * secret it has no way to know.
 */
function freshPsks(draft: Draft, contact: ContactRow, feed: OwnFeedRow): readonly FeedPsk[] {
  const only = feed.readers.length === 1 ? feed.readers[0] : undefined;
  const feedId = only === undefined ? undefined : findDevice(contact, only.deviceKey)?.feedId;
  const other = feedId === undefined ? undefined : draft.get(tables.feeds, feedId);
  if (other?.kind !== 'peer' || other.ended !== undefined) return [];
  const id = pskId(other.feedId, other.epoch);
  const secret = draft.get(tables.psks, id);
  return secret === undefined ? [] : [{ id, secret }];
}

/**
 * The state of the send group of a feed that we follow, in an epoch whose keys have been derived: without what they were
 * derived from. The secret that our own commits mix in is kept beside it, of the newest epoch only.
 */
export async function keepGroup(
  draft: Draft,
  ports: StepPorts,
  feed: PeerFeedRow,
  state: Uint8Array,
): Promise<void> {
  const { agreement } = ports;
  for (const { key, row } of draft.scan(tables.psks, prefixRange(feed.feedId))) {
    draft.retire(row);
    draft.delete(tables.psks, key);
  }
  const psk = await agreement.exporter(state, pskLabel, feed.conversation);
  draft.put(tables.psks, pskId(feed.feedId, feed.epoch), psk);
  draft.put(tables.groups, feed.feedId, agreement.withoutExporter(state));
}

/** The secrets that a commit of a peer asks for: of epochs of our own feeds. Unknown ids are left out. */
export function ownPsks(rows: Rows, ids: readonly Uint8Array[]): readonly FeedPsk[] {
  return ids.flatMap((id) => {
    const ours = id.length === 40 && rows.get(tables.feeds, id.subarray(0, 32))?.kind === 'own';
    const secret = ours ? rows.get(tables.psks, id) : undefined;
    return secret === undefined ? [] : [{ id, secret }];
  });
}

/** A peer has used a secret of ours: it will never ask for an older one. */
export function forgetPsksBefore(draft: Draft, ids: readonly Uint8Array[]): void {
  for (const id of ids) {
    if (id.length !== 40) continue;
    const feedId = id.subarray(0, 32);
    const range = { from: prefixRange(feedId).from, to: placeKey(feedId, numberOfKey(id, 32)) };
    for (const { key, row } of draft.scan(tables.psks, range)) {
      draft.retire(row);
      draft.delete(tables.psks, key);
    }
  }
}
