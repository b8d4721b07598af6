/** The rows of one step log in memory, by table: what was committed and is not in the database yet. */
import { compareBytes } from '@mycelium/protocol';
import type { ScanRange } from '@mycelium/runtime';
import { type MemoryRow, SortedRows } from './sorted-rows.ts';

/** A row that was put, or that is gone. */
export interface PlainWrite extends MemoryRow {
  readonly table: string;
}

const noKey = new Uint8Array(0);

export class MemoryRows {
  readonly #tables = new Map<string, SortedRows>();

  get(table: string, key: Uint8Array): MemoryRow | undefined {
    return this.#tables.get(table)?.get(key);
  }

  set(write: PlainWrite): void {
    const rows = this.#tables.get(write.table) ?? new SortedRows();
    this.#tables.set(write.table, rows);
    rows.set(write);
  }

  /** In the order that the range asks for. */
  *scan(table: string, { from = noKey, to, reverse = false }: ScanRange): Generator<MemoryRow> {
    const rows = this.#tables.get(table);
    if (rows === undefined) return;
    for (const row of reverse ? rows.down(to) : rows.up(from)) {
      const isBeyond = reverse
        ? compareBytes(row.key, from) < 0
        : to !== undefined && compareBytes(row.key, to) >= 0;
      if (isBeyond) return;
      yield row;
    }
  }

  /** All of them, table by table and in order, as a database likes them. */
  *writes(): Generator<PlainWrite> {
    for (const [table, rows] of this.#tables) {
      for (const { key, value } of rows.up(noKey)) yield { table, key, value };
    }
  }
}
