/** Frames that nobody has any more: what they held is a gap, and the feed goes on behind it. */
import { bytesEqual, createAssembler, type Route } from '@mycelium/protocol';
import { wakeWaiting } from '../contacts/waiting-feed.ts';
import type { Draft } from '../loop/draft.ts';
import { tables } from '../store/tables.ts';

/** Answers the index that is wanted next. The gap is shown when the next message tells how many are lost. */
export function loseFrames(draft: Draft, route: Route, first: number): number {
  const queue = draft.get(tables.queues, route);
  const feed = queue?.kind === 'peer' ? draft.get(tables.feeds, queue.feedId) : undefined;
  if (feed?.kind !== 'peer' || !bytesEqual(feed.reader.route, route) || feed.index >= first) return first;
  draft.put(tables.feeds, feed.feedId, {
    ...feed,
    index: first,
    assembler: createAssembler(feed.sequence),
  });
  wakeWaiting(draft, feed);
  return first;
}
