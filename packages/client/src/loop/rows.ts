/** Reading rows: what is stored, or what a step has made of it so far. */
import type { ClientStore, ScanRange } from '@mycelium/runtime';
import type { Keyed } from '../store/runs.ts';
import type { Table } from '../store/table.ts';
import { RunRows } from './run-rows.ts';

export type { Keyed };

export interface Rows {
  get<Row>(table: Table<Row>, key: Uint8Array): Row | undefined;
  /** In the order of their keys. */
  scan<Row>(table: Table<Row>, range?: ScanRange): readonly Keyed<Row>[];
}

/** The rows of the last commit, read anew each time: for views. */
export function storedRows(store: ClientStore): Rows {
  return {
    get: (table, key) => {
      if (table.isNumbered) return new RunRows(store).get(table, key);
      const bytes = store.get(table.name, key);
      return bytes === undefined ? undefined : table.decode(bytes);
    },
    scan: (table, range = {}) =>
      table.isNumbered
        ? new RunRows(store).scan(table, range)
        : store.scan(table.name, range).map(({ key, value }) => ({ key, row: table.decode(value) })),
  };
}
