import { bytesToHex, compareBytes } from '@mycelium/protocol';
import { createMemoryClientStore } from '@mycelium/simulation';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Overlay } from '../src/loop/overlay.ts';
import { RowCache } from '../src/loop/row-cache.ts';
import { storedRows } from '../src/loop/rows.ts';
import { bytesTable } from '../src/store/table.ts';

const key = fc.uint8Array({ minLength: 1, maxLength: 2 }).map((bytes) => bytes.map((byte) => byte % 3));
const change = fc.record({
  key,
  row: fc.option(fc.uint8Array({ minLength: 1, maxLength: 1 }), { nil: undefined }),
});
const bound = fc.option(key, { nil: undefined });
const ranges = fc.record({
  from: bound,
  to: bound,
  reverse: fc.boolean(),
  limit: fc.option(fc.nat({ max: 4 }), { nil: undefined }),
});
const tableOfBytes = bytesTable('t');

type Naive = Map<string, { key: Uint8Array; row: Uint8Array }>;
type Changes = readonly { readonly key: Uint8Array; readonly row: Uint8Array | undefined }[];

function apply(overlay: Overlay, changes: Changes): void {
  for (const one of changes) {
    if (one.row === undefined) overlay.delete(tableOfBytes, one.key);
    else overlay.put(tableOfBytes, one.key, one.row);
  }
}

function applyNaively(naive: Naive, changes: Changes): void {
  for (const one of changes) {
    if (one.row === undefined) naive.delete(bytesToHex(one.key));
    else naive.set(bytesToHex(one.key), { key: one.key, row: one.row });
  }
}

test('Steps over a store, some of them failing, read like a store that has what did not fail', async () => {
  const step = fc.record({ changes: fc.array(change, { maxLength: 6 }), fails: fc.boolean(), looks: ranges });
  const commits = fc.array(fc.array(step, { maxLength: 4 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(commits, async (wished) => {
      const store = createMemoryClientStore();
      const cache = new RowCache(store);
      const naive: Naive = new Map();
      for (const steps of wished) {
        const overlay = new Overlay(cache);
        for (const { changes, fails, looks } of steps) {
          overlay.begin();
          apply(overlay, changes);
          if (fails) overlay.undo();
          else applyNaively(naive, changes);
          const { from, to, reverse, limit } = looks;
          const range = {
            ...(from === undefined ? {} : { from }),
            ...(to === undefined ? {} : { to }),
            ...(limit === undefined ? {} : { limit }),
            reverse,
          };
          const expected = [...naive.values()]
            .filter((row) => from === undefined || compareBytes(row.key, from) >= 0)
            .filter((row) => to === undefined || compareBytes(row.key, to) < 0)
            .toSorted((left, right) => compareBytes(left.key, right.key) * (reverse ? -1 : 1))
            .slice(0, limit);
          expect(overlay.scan(tableOfBytes, range)).toEqual(expected);
          for (const { key: known } of changes)
            expect(overlay.get(tableOfBytes, known)).toEqual(naive.get(bytesToHex(known))?.row);
        }
        await store.commit(overlay.writes());
        cache.committed(overlay.changes());
        for (const { key: known, row } of naive.values()) expect(cache.get(tableOfBytes, known)).toEqual(row);
        expect(storedRows(store).scan(tableOfBytes)).toHaveLength(naive.size);
      }
    }),
    { numRuns: 300 },
  );
});

test('More rows than are kept in memory are read from the store again', async () => {
  const store = createMemoryClientStore();
  const cache = new RowCache(store);
  const rows = Array.from({ length: 5_000 }, (_, at) => Uint8Array.of(at >> 8, at & 255));
  const overlay = new Overlay(cache);
  for (const row of rows) overlay.put(tableOfBytes, row, row);
  await store.commit(overlay.writes());
  cache.committed(overlay.changes());
  for (const row of rows) expect(cache.get(tableOfBytes, row)).toEqual(row);
});
