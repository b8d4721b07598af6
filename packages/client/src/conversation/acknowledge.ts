/**
 * A peer has frames of a queue of ours on disk. A message is *stored* when more than half of its relays have all of
 * it, or a device that reads it (docs/architecture.md). Who has how much is counted in memory, since every peer says it
 * again when it is connected; what a message is called is kept.
 */
import { bytesEqual, bytesToHex, type FeedId, type PeerAddress, type Route } from '@mycelium/protocol';
import type { Draft } from '../loop/draft.ts';
import type { Keyed } from '../loop/rows.ts';
import { mapKey, numberOfKey, placeKey, prefixRange, textKey } from '../store/keys.ts';
import type { ContactRow, OutgoingRow, OwnFeedRow, QueueRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';

type OwnQueueRow = Extract<QueueRow, { readonly kind: 'own' }>;

export interface Acknowledgement {
  readonly route: Route;
  readonly peer: PeerAddress;
  /** Everything below is on its disk. Less than before: it has lost the queue. */
  readonly next: number;
  readonly monotonicMs: number;
  /** It may be said later: receipts that come now may make it needless. */
  readonly mayWait: boolean;
}

/** What peers have said in this run of the program. */
export interface Acknowledged {
  /** Keys of peers whose *stored* does not mean a disk (spec/mail.md, "Hello"): what they have counts for nothing here. */
  readonly replicatedOnly: Set<string>;
  /** By route, then by peer. */
  readonly nextByPeer: Map<string, NextByPeer>;
  readonly standings: Map<string, Standing>;
  /** So many queues or feeds before those that are gone are looked for again. */
  tidyAt: number;
}

/** Of one feed. */
interface Standing {
  /** Everything below is stored, and need not be looked at again. */
  readonly storedBelow: number;
  /** What a reader has confirmed, and since when it is no more. */
  readonly confirmed: number;
  readonly movedMs: number;
}

interface NextByPeer {
  readonly route: Route;
  readonly feedId: FeedId;
  readonly byPeer: Map<string, number>;
}

const tidyAtLeast = 64;
/** A reader whose receipts moved within this time is answering now. */
const answersWithinMs = 250;

export function nothingAcknowledged(): Acknowledged {
  return { replicatedOnly: new Set(), nextByPeer: new Map(), standings: new Map(), tidyAt: tidyAtLeast };
}

/** False: nothing was marked yet, for receipts are coming that say more. */
export function acknowledge(draft: Draft, acknowledged: Acknowledged, told: Acknowledgement): boolean {
  const { route } = told;
  const queue = draft.get(tables.queues, route);
  if (queue?.kind !== 'own') return true;
  noteNext(draft, acknowledged, queue, told);
  const feed = draft.get(tables.feeds, queue.feedId);
  if (feed?.kind !== 'own') return true;
  const standing = standingAfter(acknowledged, feed, told.monotonicMs);
  acknowledged.standings.set(mapKey(feed.feedId), standing);
  if (told.mayWait && told.monotonicMs - standing.movedMs < answersWithinMs) return false;
  const contact = draft.get(tables.contacts, textKey(feed.address));
  const below = indexStored(acknowledged, queue, feed, contact);
  // What is trimmed is not there any more.
  const from = Math.max(standing.storedBelow, feed.trimmed ?? 0);
  const storedBelow = markStored(draft, { feedId: feed.feedId, from, route, below });
  acknowledged.standings.set(mapKey(feed.feedId), { ...standing, storedBelow });
  return true;
}

function standingAfter({ standings }: Acknowledged, feed: OwnFeedRow, nowMs: number): Standing {
  const confirmed = Math.max(0, ...feed.readers.map((reader) => reader.confirmed));
  const before = standings.get(mapKey(feed.feedId));
  if (before === undefined) return { storedBelow: 0, confirmed, movedMs: -Infinity };
  return before.confirmed === confirmed ? before : { ...before, confirmed, movedMs: nowMs };
}

function noteNext(
  draft: Draft,
  acknowledged: Acknowledged,
  { route, feedId, next: sealed }: OwnQueueRow,
  { peer, next }: Pick<Acknowledgement, 'peer' | 'next'>,
): void {
  const { nextByPeer } = acknowledged;
  const known = nextByPeer.get(mapKey(route)) ?? { route, feedId, byPeer: new Map<string, number>() };
  known.byPeer.set(mapKey(peer.key), Math.min(next, sealed));
  nextByPeer.set(mapKey(route), known);
  if (nextByPeer.size >= acknowledged.tidyAt) forgetGone(draft, acknowledged);
}

/** Each epoch of a feed has a queue of its own: what was heard of those that are over is let go of, at most as many again. */
function forgetGone(draft: Draft, acknowledged: Acknowledged): void {
  const { nextByPeer, standings } = acknowledged;
  const feeds = new Set<string>();
  for (const [name, { route, feedId }] of nextByPeer) {
    if (draft.get(tables.queues, route) === undefined) nextByPeer.delete(name);
    else feeds.add(mapKey(feedId));
  }
  for (const name of standings.keys()) if (!feeds.has(name)) standings.delete(name);
  acknowledged.tidyAt = Math.max(tidyAtLeast, 2 * nextByPeer.size);
}

/** Every index below this one is at a quorum of the relays, or at a device of the contact. */
function indexStored(
  { nextByPeer, replicatedOnly }: Acknowledged,
  queue: OwnQueueRow,
  feed: OwnFeedRow,
  contact: ContactRow | undefined,
): number {
  const byPeer = nextByPeer.get(mapKey(queue.route))?.byPeer;
  const at = (peer: PeerAddress): number =>
    replicatedOnly.has(mapKey(peer.key)) ? 0 : (byPeer?.get(mapKey(peer.key)) ?? 0);
  const relays = (queue.holders ?? queue.relays).map(at).toSorted((left, right) => right - left);
  const quorum = Math.floor(relays.length / 2) + 1;
  const devices = (contact?.devices ?? [])
    .filter((device) => feed.readers.some(({ deviceKey }) => bytesEqual(deviceKey, device.deviceKey)))
    .flatMap((device) => device.addresses.map(at));
  return Math.max(0, relays[quorum - 1] ?? 0, ...devices);
}

interface StoredFrames {
  readonly feedId: FeedId;
  /** Sequence of the first message that may not be stored. */
  readonly from: number;
  readonly route: Route;
  /** Index below which everything in the queue of the route is stored. */
  readonly below: number;
}

/** Answers the sequence of the first message that was not stored before this step: it may not come to disk. */
function markStored(draft: Draft, { feedId, from, route, below }: StoredFrames): number {
  let first: number | undefined;
  for (const { key, row } of outgoingFrom(draft, feedId, from)) {
    if (row.stored || row.lost || row.message === undefined) continue;
    first ??= numberOfKey(key, feedId.length);
    if (!bytesEqual(row.route, route)) continue;
    if (row.lastIndex >= below) break;
    draft.put(tables.outgoing, key, { ...row, stored: true });
    const message = draft.get(tables.messages, row.message);
    if (message?.state !== 'queued') continue;
    draft.put(tables.messages, row.message, { ...message, state: 'stored' });
    draft.announce({
      event: 'receipt',
      id: bytesToHex(message.id),
      conversation: bytesToHex(message.conversation),
      state: 'stored',
    });
  }
  return first ?? from;
}

const rowsAtOnce = 128;

/** As many as are looked at: thousands may be on their way, of which few were just stored. */
function* outgoingFrom(draft: Draft, feedId: FeedId, from: number): Generator<Keyed<OutgoingRow>> {
  const { to } = prefixRange(feedId);
  for (let next = from; ;) {
    const range = { from: placeKey(feedId, next), to, limit: rowsAtOnce };
    const rows = draft.scan(tables.outgoing, range);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsAtOnce) return;
    next = numberOfKey(last.key, feedId.length) + 1;
  }
}
