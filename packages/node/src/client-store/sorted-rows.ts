/**
 * Rows of one table in memory, in the order of their keys' bytes: short lists side by side, so that a row in the middle
 * moves few others. Keys mostly come in order, and then go to the end.
 */
import { compareBytes } from '@mycelium/protocol';

export interface MemoryRow {
  readonly key: Uint8Array;
  /** Undefined: deleted. */
  readonly value?: Uint8Array | undefined;
}

const listLengthMax = 256;

interface Place {
  readonly list: number;
  readonly at: number;
}

export class SortedRows {
  readonly #lists: MemoryRow[][] = [[]];

  get(key: Uint8Array): MemoryRow | undefined {
    const { list, at } = this.#placeOf(key);
    const row = this.#lists[list]?.[at];
    return row !== undefined && compareBytes(row.key, key) === 0 ? row : undefined;
  }

  set(row: MemoryRow): void {
    const { list, at } = this.#isBehindAll(row.key) ? this.#end() : this.#placeOf(row.key);
    const rows = this.#lists[list] ?? [];
    const there = rows[at];
    if (there !== undefined && compareBytes(there.key, row.key) === 0) rows[at] = row;
    else if (at === rows.length) rows.push(row);
    else rows.splice(at, 0, row);
    if (rows.length <= listLengthMax) return;
    // At the end of all a full list stays full: what comes next is most likely behind it.
    const isLast = list === this.#lists.length - 1;
    this.#lists.splice(list + 1, 0, rows.splice(isLast ? listLengthMax : listLengthMax / 2));
  }

  /** From `from` (inclusive) on. */
  *up(from: Uint8Array): Generator<MemoryRow> {
    let { list, at } = this.#placeOf(from);
    for (; list < this.#lists.length; list += 1, at = 0) {
      const rows = this.#lists[list] ?? [];
      for (; at < rows.length; at += 1) yield rows[at] as MemoryRow;
    }
  }

  /** From before `to` (exclusive) down; undefined: from the last. */
  *down(to: Uint8Array | undefined): Generator<MemoryRow> {
    let { list, at } = to === undefined ? this.#end() : this.#placeOf(to);
    for (; list >= 0; list -= 1, at = this.#lists[list]?.length ?? 0) {
      for (at -= 1; at >= 0; at -= 1) yield this.#lists[list]?.[at] as MemoryRow;
    }
  }

  /** Of keys that share a long beginning one comparison is dear, and a search takes a dozen. */
  #isBehindAll(key: Uint8Array): boolean {
    const last = this.#lists.at(-1)?.at(-1);
    return last !== undefined && compareBytes(last.key, key) < 0;
  }

  #end(): Place {
    return { list: this.#lists.length - 1, at: this.#lists.at(-1)?.length ?? 0 };
  }

  /** Of the first row whose key is not below `key`: perhaps one behind the last of its list. */
  #placeOf(key: Uint8Array): Place {
    // The last list that begins at or below the key.
    let low = 0;
    let high = this.#lists.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      const first = this.#lists[middle]?.[0];
      if (first !== undefined && compareBytes(first.key, key) <= 0) low = middle;
      else high = middle;
    }
    const rows = this.#lists[low] ?? [];
    let from = 0;
    let to = rows.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const row = rows[middle];
      if (row !== undefined && compareBytes(row.key, key) < 0) from = middle + 1;
      else to = middle;
    }
    return { list: low, at: from };
  }
}
