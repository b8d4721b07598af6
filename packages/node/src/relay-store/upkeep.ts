/**
 * What makes room in the relay's log: segments that have expired or are empty are removed, and what is still needed in
 * sparse ones moves to the newest. Before a segment goes, the state of every queue that was last written in it is
 * written again, so that an index is never used twice.
 */
import { routeKey } from '@mycelium/protocol';
import type { Batch } from './log-writer.ts';
import { placeOf, type Queue, type Queues } from './queues.ts';
import type { FrameRecord } from './record.ts';
import type { Segment } from './segment.ts';

export interface Upkeep {
  readonly queues: Queues;
  /** The segment that is written to; it stays. */
  readonly active: () => Segment | undefined;
  /** True when what was planned is on disk and applied. */
  readonly write: (plan: (batch: Batch) => void) => Promise<boolean>;
  readonly nowMs: number;
  readonly retentionMs: number;
  readonly segmentBytesMax: number;
}

/** Every start begins a segment: so many small ones may stay until they are joined. */
const smallSegmentsMax = 8;

/** Answers how many frames have expired. */
export async function forgetExpired(upkeep: Upkeep): Promise<number> {
  await forgetUnusedQueues(upkeep);
  let expired = 0;
  for (const segment of sealed(upkeep)) {
    if (segment.expiresMs <= upkeep.nowMs) expired += await retire(upkeep, segment, 'expired');
  }
  const small = sealed(upkeep).filter((segment) => segment.end < upkeep.segmentBytesMax / 4);
  for (const segment of sealed(upkeep)) {
    const sparse = segment.liveBytes < segment.end / 4;
    const joined = small.length > smallSegmentsMax && small.includes(segment);
    if (sparse || joined) expired += await retire(upkeep, segment, 'moved');
  }
  return expired;
}

function sealed({ queues, active }: Upkeep): readonly Segment[] {
  return [...queues.segments.values()].filter((segment) => segment !== active());
}

async function forgetUnusedQueues({ queues, write, nowMs, retentionMs }: Upkeep): Promise<void> {
  await write((batch) => {
    for (const queue of queues.byKey.values()) {
      const isEmpty = queue.first === queue.planned && queue.recordedIn >= 0;
      if (!isEmpty || queue.usedMs + 2 * retentionMs > nowMs) continue;
      batch.add({ kind: 'forgotten', route: queue.route, timeMs: nowMs }, undefined);
    }
  });
}

interface Needed {
  readonly queue: Queue;
  readonly record: FrameRecord;
}

async function retire(upkeep: Upkeep, segment: Segment, reason: 'expired' | 'moved'): Promise<number> {
  const { queues } = upkeep;
  const needed: Needed[] = [];
  const isHeld = (queue: Queue, index: number, offset: number, frameBytes: number): boolean =>
    index >= queue.first &&
    queue.places[index - queue.placesFrom] === placeOf(segment.number, offset, frameBytes);
  const offsets: number[] = [];
  await segment.scan((record, offset) => {
    if (record.kind !== 'frame') return;
    const queue = queues.byKey.get(routeKey(record.route));
    if (queue === undefined || !isHeld(queue, record.index, offset, record.frame.length)) return;
    needed.push({ queue, record });
    offsets.push(offset);
  });
  const isStillHeld = ({ queue, record }: Needed, at: number): boolean =>
    isHeld(queue, record.index, offsets[at] ?? 0, record.frame.length);
  const framesBefore = queues.frames;
  const done = await upkeep.write((batch) => {
    const firsts = new Map<Queue, number>();
    for (const { queue, record } of needed.filter(isStillHeld)) {
      const hasExpired = reason === 'expired' || record.expiresMs <= upkeep.nowMs;
      if (hasExpired) firsts.set(queue, record.index + 1);
      else batch.add({ ...record, route: queue.route }, queue);
    }
    for (const queue of queues.byKey.values()) {
      const first = firsts.get(queue);
      if (first !== undefined || queue.recordedIn === segment.number)
        recordQueue(batch, queue, first ?? queue.first);
    }
  });
  // Read errors can leave something behind that the scan has not seen: then the segment stays.
  const isNeeded = segment.liveBytes > 0 && reason === 'moved';
  if (!done || isNeeded) return 0;
  const removed = await segment.remove().then(
    () => true,
    () => false,
  );
  if (removed) queues.segments.delete(segment.number);
  return Math.max(0, framesBefore - queues.frames);
}

function recordQueue(batch: Batch, queue: Queue, first: number): void {
  const { route, planned: next, intakeDifficulty, usedMs } = queue;
  batch.add({ kind: 'queue', route, first, next, intakeDifficulty, timeMs: usedMs }, queue);
}
