/**
 * Where a frame stands in its feed. The index of a frame is a relay's word; sequence and part are sealed with it. Only
 * the owner appends, in order, so what stands at the next index is the next part, or the next message: another frame
 * there was put there by a relay that reorders or leaves out, and is refused before its key is used up.
 */
import type { OpenedFrame } from '@mycelium/protocol';
import type { PeerFeedRow } from '../store/rows.ts';

interface Place {
  readonly sequence: number;
  readonly part: number;
}

export type Standing = 'next' | 'later' | 'earlier';

/** `earlier`: its writer said something else in a place that is taken already (receive.ts). */
export function standingOf(feed: PeerFeedRow, frame: OpenedFrame): Standing {
  const wanted = nextPlace(feed);
  if (frame.sequence === wanted.sequence && frame.part === wanted.part) return 'next';
  const later =
    frame.sequence > wanted.sequence || (frame.sequence === wanted.sequence && frame.part > wanted.part);
  return later ? 'later' : 'earlier';
}

function nextPlace(feed: PeerFeedRow): Place {
  const begun = feed.assembler.assemblies.findLast(({ sequence }) => sequence >= feed.sequence);
  const part = (begun?.pieces.at(-1)?.part ?? -1) + 1;
  if (begun === undefined) return { sequence: feed.sequence, part: 0 };
  return part < begun.parts ? { sequence: begun.sequence, part } : { sequence: begun.sequence + 1, part: 0 };
}
