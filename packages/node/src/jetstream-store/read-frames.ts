/** Reads frames of a queue out of its log: finds the record that has the first, and goes on from there. */
import type { StoredFrame } from '@mycelium/runtime';
import type { KnownRecords } from './known-records.ts';
import type { Tip } from './queue-log.ts';
import type { FoundRecord, RecordLog } from './record-log.ts';
import type { LoggedRecord } from './record.ts';
import type { Place } from './subjects.ts';

export interface QueueToRead {
  readonly log: RecordLog;
  readonly place: Place;
  readonly tip: Tip;
  readonly known: KnownRecords;
}

export interface ReadBounds {
  readonly from: number;
  readonly framesMax: number;
  readonly bytesMax: number;
}

/** Records asked for at once where we know where they are. */
const atOnceMax = 32;

/** @throws Error when records that must be there could not be read */
export async function readFrames(queue: QueueToRead, bounds: ReadBounds): Promise<readonly StoredFrame[]> {
  const { tip } = queue;
  const start = Math.max(bounds.from, tip.record.first);
  const frames: StoredFrame[] = [];
  if (start >= tip.record.next || bounds.framesMax <= 0) return frames;
  let bytes = 0;
  let cursor = start;
  let height = 0;
  for await (const { record, frames: found } of recordsFrom(queue, start)) {
    if (record.height <= height) continue; // it does not count
    height = record.height;
    const from = record.next - record.count;
    for (const [at, frame] of found.entries()) {
      const index = from + at;
      if (index < cursor) continue;
      if (frames.length >= bounds.framesMax || (frames.length > 0 && bytes >= bounds.bytesMax)) return frames;
      frames.push({ index, frame });
      bytes += frame.length;
      cursor = index + 1;
    }
    if (cursor >= tip.record.next) break;
  }
  // The last record has the last frames: it is there for sure, if not where we looked.
  if (frames.length === 0 && tip.record.count > 0) throw new Error('the frames are not where they should be');
  return frames;
}

async function* recordsFrom(queue: QueueToRead, start: number): AsyncGenerator<FoundRecord> {
  const { log, place, tip, known } = queue;
  let at = await findRecord(queue, start);
  let index = start;
  while (at <= tip.newest) {
    const from = at;
    const run = known.run(index, atOnceMax).filter((seq) => seq >= from);
    const wanted = run.length > 0 ? run : [at];
    const found = await Promise.all(wanted.map((seq) => log.firstFrom(place.stream, place.subject, seq)));
    for (const one of found) {
      if (one === undefined || one.record.seq > tip.newest) return;
      if (one.record.seq < at) continue; // one that we knew is gone, and this is its neighbour again
      yield one;
      known.add(one.record);
      at = one.record.seq + 1;
      index = Math.max(index, one.record.next);
    }
  }
}

/** A sequence with no record between it and the one that has the frame `index`, or that has the first frame above. */
export async function findRecord(queue: QueueToRead, index: number): Promise<number> {
  const { log, place, tip, known } = queue;
  const exact = known.at(index);
  if (exact !== undefined) return exact.seq;
  const { below, above } = known.around(index);
  const lowest = below === undefined ? tip.record.heldFrom : below.seq + 1;
  const firstFrom = async (seq: number): Promise<LoggedRecord | undefined> =>
    (await log.firstFrom(place.stream, place.subject, seq))?.record;
  const first = await firstFrom(lowest);
  if (first === undefined || first.next > index) return lowest;
  let low = first.seq + 1;
  let high = above?.seq ?? tip.record.seq;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = await firstFrom(middle);
    if (found !== undefined && found.seq < high && found.next <= index) low = found.seq + 1;
    else high = middle;
  }
  const found = await firstFrom(low);
  const hasIt = found !== undefined && found.next - found.count <= index && index < found.next;
  // A record that does not count may have led us past one that does: then all are looked at.
  return hasIt ? low : lowest;
}
