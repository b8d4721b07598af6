/**
/**
 * Frames that nobody has any more, as the peers say. What they held is a gap, and the feed goes on behind it: but only
 * when a frame behind it opens and stands where something is missing before it (place.ts). Until then the place in the
 * feed stays what it was, so that a lie of a relay costs a while and nothing else. What is lost is named in our receipts
 * until the owner of the feed has read one that names it (spec/messages.md, "Losses").
 */
import {
  bytesEqual,
  bytesToHex,
  generationJumpMax,
  hexToBytes,
  receiptLossesMax,
  type FeedId,
  type Origin,
  type ReceiptFeed,
  type Route,
} from '@mycelium/protocol';
import { ownRelays } from '../account/account-row.ts';
import { wakeWaiting } from '../contacts/waiting-feed.ts';
import type { Draft } from '../loop/draft.ts';
import type { Rows } from '../loop/rows.ts';
import { planWork, workDone } from '../loop/agenda.ts';
import type { StepPorts } from '../ports.ts';
import type { LossRow, PeerFeedRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { confirmFeed } from './confirm.ts';
import { followedQueue } from './queue-peers.ts';

/** So long a frame behind the gap is waited for; then the frames before it are asked for again. */
const believedMs = 600_000;

/** A writer that jumps far ahead must not push depths out of their range. */
const lostDepthsMax = 65_536;

/**
 * Frames of a queue that nobody has any more: the feed goes on behind them. Answers the index that is wanted next. The
 * gap is shown when the next message tells how many are lost; the owner hears at once, for nothing else may come.
 */
export function loseFrames(draft: Draft, ports: StepPorts, route: Route, first: number): number {
  const queue = draft.get(tables.queues, route);
  const feed = queue?.kind === 'peer' ? draft.get(tables.feeds, queue.feedId) : undefined;
  if (feed?.kind !== 'peer' || !bytesEqual(feed.reader.route, route) || feed.index >= first) return first;
  if (feed.lostTo === first) return first;
  // No frame behind so many could be opened; rejected, the agent asks again.
  if (first - feed.index > generationJumpMax) throw new Error('a gap is larger than what can be jumped over');
  const behind: PeerFeedRow = { ...feed, lostTo: first, owesReceipt: true };
  draft.put(tables.feeds, feed.feedId, behind);
  planWork(draft, `look-again:${bytesToHex(feed.feedId)}`, draft.nowMs + believedMs);
  wakeWaiting(draft, feed);
  confirmFeed(draft, ports, behind);
  return first;
}

/** Nothing came from behind the gap: perhaps there is none. `name`: of the work. */
export function lookAgain(draft: Draft, ports: StepPorts, name: string): void {
  workDone(draft, name);
  const feedId = hexToBytes(name.slice(name.indexOf(':') + 1));
  const feed = feedId === undefined ? undefined : draft.get(tables.feeds, feedId);
  if (feed?.kind !== 'peer' || feed.ended !== undefined || feed.lostTo === undefined) return;
  const again = { ...feed, lostTo: undefined };
  draft.put(tables.feeds, feed.feedId, again);
  draft.effect({ kind: 'leave', route: feed.reader.route });
  draft.effect({ kind: 'follow', queue: followedQueue(draft, ports, again, ownRelays(draft, ports)) });
}

/** A message at `sequence` has come: what lies before it and never came is lost. */
export function noteLoss(draft: Draft, feed: PeerFeedRow, sequence: number): PeerFeedRow {
  const lost = sequence - feed.sequence;
  if (lost <= 0) return feed;
  const conversation = bytesToHex(feed.conversation);
  draft.announce({ event: 'gap', conversation, from: feed.address, missing: lost });
  return {
    ...feed,
    depth: feed.depth + Math.min(lost, lostDepthsMax),
    missing: feed.missing + lost,
    losses: withLoss(feed.losses, { first: feed.sequence, last: sequence - 1, named: undefined }),
    owesReceipt: true,
  };
}

/** Too many to name one by one become one: what came in between is then said again, and is nothing new. */
function withLoss(losses: readonly LossRow[], loss: LossRow): readonly LossRow[] {
  const newest = losses.at(-1);
  if (newest === undefined || losses.length < receiptLossesMax) return [...losses, loss];
  return [...losses.slice(0, -1), { ...newest, last: loss.last, named: undefined }];
}

/**
 * The owner of the feed confirms what we said in our feed `feedId`: what a receipt in there named is settled. If that
 * receipt is lost itself, the next one counts.
 */
export function settleLosses(feed: PeerFeedRow, feedId: FeedId, receipt: ReceiptFeed): PeerFeedRow {
  const losses = feed.losses.flatMap((loss) => {
    const { named } = loss;
    if (named === undefined || !bytesEqual(named.feedId, feedId) || named.sequence > receipt.upTo) {
      return [loss];
    }
    return isWithin(receipt.lost, named.sequence) ? [{ ...loss, named: undefined }] : [];
  });
  return { ...feed, losses };
}

export function isWithin(ranges: ReceiptFeed['lost'], sequence: number): boolean {
  return ranges.some(({ first, last }) => first <= sequence && sequence <= last);
}

/** Whether a place of the same writer, in this feed or an earlier one, is known here as one that never came. */
export function neverCame(rows: Rows, feed: PeerFeedRow, { feedId, sequence }: Origin): boolean {
  const first = bytesEqual(feedId, feed.feedId) ? feed : rows.get(tables.feeds, feedId);
  if (first?.kind !== 'peer' || first.address !== feed.address) return false;
  return sequence >= first.sequence || isWithin(first.losses, sequence);
}
