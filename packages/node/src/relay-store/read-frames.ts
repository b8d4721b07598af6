/** Frames of a queue from the relay's log: neighbours on disk are read together, and every record is checked again. */
import { bytesEqual } from '@mycelium/protocol';
import type { StoredFrame } from '@mycelium/runtime';
import { placeParts, type Queue, type Queues } from './queues.ts';
import { readRecord } from './record.ts';

export interface ReadRange {
  readonly from: number;
  readonly framesMax: number;
  readonly bytesMax: number;
}

/** Records that lie one after the other in one segment. */
interface Stretch {
  readonly segment: number;
  readonly offset: number;
  length: number;
  readonly entries: { readonly index: number; readonly at: number }[];
}

export async function readFrames(
  queues: Queues,
  queue: Queue,
  range: ReadRange,
): Promise<readonly StoredFrame[]> {
  // Planned and begun in one turn: a segment that is removed meanwhile waits for reads under way.
  const reads = stretchesOf(queues, queue, range).map(async (stretch) => {
    const segment = queues.segments.get(stretch.segment);
    if (segment === undefined) return [];
    const bytes = await segment.read(stretch.offset, stretch.length);
    return stretch.entries.flatMap(({ index, at }): StoredFrame[] => {
      const record = readRecord(bytes, at, segment.salt);
      // Broken, or not what was put there: left out. The reader sees the gap and asks another relay.
      if (record?.kind !== 'frame' || record.index !== index) return [];
      return bytesEqual(record.route, queue.route) ? [{ index, frame: record.frame }] : [];
    });
  });
  return (await Promise.all(reads)).flat();
}

function stretchesOf(queues: Queues, queue: Queue, range: ReadRange): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let frames = 0;
  let bytes = 0;
  for (const { index, place } of queues.held(queue, range.from)) {
    const { segment, offset, recordBytes } = placeParts(place);
    if (frames >= range.framesMax || (frames > 0 && bytes + recordBytes > range.bytesMax)) break;
    frames += 1;
    bytes += recordBytes;
    const last = stretches[stretches.length - 1];
    if (last !== undefined && last.segment === segment && last.offset + last.length === offset) {
      last.entries.push({ index, at: last.length });
      last.length += recordBytes;
    } else {
      stretches.push({ segment, offset, length: recordBytes, entries: [{ index, at: 0 }] });
    }
  }
  return stretches;
}
