/** Rows of one range from several places, the newest place first: what it has counts, also that a row is gone. */
import { compareBytes, concatBytes } from '@mycelium/protocol';
import type { Row, ScanRange } from '@mycelium/runtime';
import type { Records } from './records.ts';
import type { MemoryRow } from './sorted-rows.ts';

/** Read from the database at a time, at most, when few rows are asked for; what is above may take some away. */
const rowsAtOnce = 64;

export function mergeRows(places: readonly Iterator<MemoryRow>[], range: ScanRange): readonly Row[] {
  const { reverse = false, limit = Infinity } = range;
  const heads = places.map((place) => ({ place, row: next(place) }));
  const found: Row[] = [];
  while (found.length < limit) {
    let first: MemoryRow | undefined;
    for (const { row } of heads) {
      if (row !== undefined && (first === undefined || isBefore(row, first, reverse))) first = row;
    }
    if (first === undefined) break;
    // The first place that has the key was looked at first, and kept.
    const { key, value } = first;
    for (const head of heads) {
      if (head.row !== undefined && compareBytes(head.row.key, key) === 0) head.row = next(head.place);
    }
    if (value !== undefined) found.push({ key: key.slice(), value: value.slice() });
  }
  return found;
}

function next(place: Iterator<MemoryRow>): MemoryRow | undefined {
  const { done, value } = place.next();
  return done === true ? undefined : (value as MemoryRow);
}

function isBefore(row: MemoryRow, other: MemoryRow, reverse: boolean): boolean {
  const order = compareBytes(row.key, other.key);
  return reverse ? order > 0 : order < 0;
}

/** All at once where all are wanted; otherwise as many as it takes. */
export function* rowsOf(records: Records, table: string, range: ScanRange): Generator<MemoryRow> {
  if (range.limit === undefined) return yield* records.scan(table, range);
  let rest: ScanRange = { ...range, limit: Math.max(range.limit, 1) };
  for (;;) {
    const rows = records.scan(table, rest);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < (rest.limit ?? 0)) return;
    // The next key of all is the last one and a zero byte.
    const more = { ...rest, limit: Math.max(range.limit, Math.min(rowsAtOnce, (rest.limit ?? 0) * 4)) };
    rest =
      range.reverse === true ? { ...more, to: last.key } : { ...more, from: concatBytes(last.key, zero) };
  }
}

const zero = Uint8Array.of(0);
