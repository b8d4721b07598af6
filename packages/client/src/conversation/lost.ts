/**
 * Frames that nobody has any more, as the peers say. What they held is a gap, and the feed goes on behind it: but only
 * when a frame behind it opens and stands where something is missing before it (place.ts). Until then the place in the
 * feed stays what it was, so that a lie of a relay costs a while and nothing else.
 */
import { bytesEqual, bytesToHex, generationJumpMax, hexToBytes, type Route } from '@mycelium/protocol';
import { ownRelays } from '../account/account-row.ts';
import { wakeWaiting } from '../contacts/waiting-feed.ts';
import type { Draft } from '../loop/draft.ts';
import { planWork, workDone } from '../loop/agenda.ts';
import type { StepPorts } from '../ports.ts';
import { tables } from '../store/tables.ts';
import { followedQueue } from './queue-peers.ts';

/** So long a frame behind the gap is waited for; then the frames before it are asked for again. */
const believedMs = 600_000;

/** Answers the index that is wanted next. The gap is shown when the next message tells how many are lost. */
export function loseFrames(draft: Draft, route: Route, first: number): number {
  const queue = draft.get(tables.queues, route);
  const feed = queue?.kind === 'peer' ? draft.get(tables.feeds, queue.feedId) : undefined;
  if (feed?.kind !== 'peer' || !bytesEqual(feed.reader.route, route) || feed.index >= first) return first;
  // No frame behind so many could be opened; rejected, the agent asks again.
  if (first - feed.index > generationJumpMax) throw new Error('a gap is larger than what can be jumped over');
  draft.put(tables.feeds, feed.feedId, { ...feed, lostTo: first });
  planWork(draft, `look-again:${bytesToHex(feed.feedId)}`, draft.nowMs + believedMs);
  wakeWaiting(draft, feed);
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
  draft.effect({ kind: 'follow', queue: followedQueue(draft, again, ownRelays(draft, ports)) });
}
