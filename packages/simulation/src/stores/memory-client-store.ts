/**
 * `ClientStore` in memory, with the faults of a disk on order. A snapshot is what a copy of the data folder would
 * hold; a crash leaves exactly what was committed.
 */
import { assert, compareBytes } from '@mycelium/protocol';
import { ClientStoreError, type ClientStore, type Row, type ScanRange, type Write } from '@mycelium/runtime';

/** Everything that was committed up to one moment. Never changes. */
export type ClientStoreSnapshot = ReadonlyMap<string, readonly Row[]>;

export interface MemoryClientStore extends ClientStore {
  snapshot(): ClientStoreSnapshot;
  /** The process dies here: this handle answers nothing any more. The answer is the store as its successor opens it. */
  crash(): MemoryClientStore;
  /** The next commit that writes something fails so, and changes nothing. */
  failNextCommit(code: 'full' | 'failed'): void;
}

export function createMemoryClientStore(snapshot: ClientStoreSnapshot = new Map()): MemoryClientStore {
  const tables = new Map([...snapshot].map(([table, rows]) => [table, [...rows]]));
  let open = true;
  let failure: 'full' | 'failed' | undefined;

  const rowsOf = (table: string): readonly Row[] => {
    assert(open, 'a closed store is not used');
    return tables.get(table) ?? [];
  };
  const store: MemoryClientStore = {
    commit: (writes) => {
      assert(open, 'a closed store is not used');
      if (writes.length === 0) return Promise.resolve();
      if (failure !== undefined) {
        const code = failure;
        failure = undefined;
        return Promise.reject(new ClientStoreError(code, `the simulated disk: ${code}`));
      }
      for (const write of writes) perform(tables, write);
      return Promise.resolve();
    },
    get: (table, key) => {
      const rows = rowsOf(table);
      const row = rows[positionOf(rows, key)];
      return row !== undefined && compareBytes(row.key, key) === 0 ? row.value.slice() : undefined;
    },
    scan: (table, range = {}) => scanRows(rowsOf(table), range),
    close: () => {
      open = false;
    },
    snapshot: () => new Map([...tables].map(([table, rows]) => [table, [...rows]])),
    crash: () => {
      open = false;
      return createMemoryClientStore(tables);
    },
    failNextCommit: (code) => {
      failure = code;
    },
  };
  return store;
}

/** Index of the first row whose key is not below `key`. */
function positionOf(rows: readonly Row[], key: Uint8Array): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    assert(row !== undefined, 'the middle lies between low and high');
    if (compareBytes(row.key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function perform(tables: Map<string, Row[]>, write: Write): void {
  const rows = tables.get(write.table) ?? [];
  tables.set(write.table, rows);
  if (write.kind === 'delete-range') {
    const start = positionOf(rows, write.from);
    rows.splice(start, Math.max(0, positionOf(rows, write.to) - start));
    return;
  }
  const position = positionOf(rows, write.key);
  const found = rows[position];
  const there = found !== undefined && compareBytes(found.key, write.key) === 0 ? 1 : 0;
  if (write.kind === 'delete') rows.splice(position, there);
  else rows.splice(position, there, { key: write.key.slice(), value: write.value.slice() });
}

function scanRows(rows: readonly Row[], range: ScanRange): readonly Row[] {
  const start = range.from === undefined ? 0 : positionOf(rows, range.from);
  const end = range.to === undefined ? rows.length : positionOf(rows, range.to);
  const found = rows.slice(start, Math.max(start, end));
  if (range.reverse) found.reverse();
  return found.slice(0, range.limit).map((row) => ({ key: row.key.slice(), value: row.value.slice() }));
}
