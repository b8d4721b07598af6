import { bytesToHex, compareBytes } from '@mycelium/protocol';
import type { ClientStore } from '@mycelium/runtime';
import { createMemoryClientStore } from '@mycelium/simulation';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Overlay } from '../src/loop/overlay.ts';
import { RowCache } from '../src/loop/row-cache.ts';
import { storedRows } from '../src/loop/rows.ts';
import { numberKey, numberOfKey, placeKey } from '../src/store/keys.ts';
import { bytesTable, numbered, type Table } from '../src/store/table.ts';

const shortKey = fc.uint8Array({ minLength: 1, maxLength: 2 }).map((bytes) => bytes.map((byte) => byte % 3));
/** Of one of two things, with numbers that are close together: they mostly follow each other. */
const numberedKey = fc.tuple(fc.nat(1), fc.nat(150)).map(([thing, place]) => placeKey(row(thing), place));
/** Of one thing only, as events are. */
const numberOnly = fc.nat(150).map((number) => numberKey(number));
const ofNothing = (keys: fc.Arbitrary<Uint8Array>) => fc.option(keys, { nil: undefined });
const row = (byte: number) => Uint8Array.of(byte);
/** Below those with which a list begins. */
const rows = ofNothing(fc.nat(100).map(row));
const tableOfBytes = bytesTable('t');

function rangesOf(key: fc.Arbitrary<Uint8Array>) {
  const bound = ofNothing(fc.oneof(key, shortKey));
  return fc.record({
    from: bound,
    to: bound,
    reverse: fc.boolean(),
    limit: fc.option(fc.nat({ max: 80 }), { nil: undefined }),
  });
}

const shortChanges = fc.array(fc.record({ key: shortKey, row: rows }), { maxLength: 6 });
/** Many in a row, and some alone. */
const numberedChanges = fc.array(
  fc.tuple(numberedKey, fc.integer({ min: 1, max: 100 }), rows).map(([key, count, value]) => {
    const [thing, first] = [key.subarray(0, 1), numberOfKey(key, 1)];
    return Array.from({ length: count }, (_, at) => ({ key: placeKey(thing, first + at), row: value }));
  }),
  { maxLength: 4 },
);

async function commit(store: ClientStore, cache: RowCache, overlay: Overlay): Promise<void> {
  const prepared = cache.prepare(overlay.changes());
  await store.commit(prepared.writes);
  cache.committed(prepared);
}

type Naive = Map<string, { key: Uint8Array; row: Uint8Array }>;
type Changes = readonly { readonly key: Uint8Array; readonly row: Uint8Array | undefined }[];

function apply(overlay: Overlay, table: Table<Uint8Array>, changes: Changes): void {
  for (const one of changes) {
    if (one.row === undefined) overlay.delete(table, one.key);
    else overlay.put(table, one.key, one.row);
  }
}

function applyNaively(naive: Naive, changes: Changes): void {
  for (const one of changes) {
    if (one.row === undefined) naive.delete(bytesToHex(one.key));
    else naive.set(bytesToHex(one.key), { key: one.key, row: one.row });
  }
}

test.for([
  { kind: 'rows alone', table: tableOfBytes, key: shortKey, changes: shortChanges },
  {
    kind: 'rows in runs',
    table: numbered(tableOfBytes),
    key: numberedKey,
    changes: numberedChanges.map((runs) => runs.flat()),
  },
  {
    kind: 'rows of one thing in runs',
    table: numbered(tableOfBytes),
    key: numberOnly,
    changes: numberedChanges.map((runs) =>
      runs.flat().map(({ key, row: value }) => ({ key: key.slice(1), row: value })),
    ),
  },
])(
  'Steps over a store with $kind, some of them failing, read like a store that has what did not fail',
  { timeout: 60_000 },
  async (kind) => {
    const { table } = kind;
    const step = fc.record({ changes: kind.changes, fails: fc.boolean(), looks: rangesOf(kind.key) });
    const commits = fc.array(fc.array(step, { maxLength: 4 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(commits, async (wished) => {
        const store = createMemoryClientStore();
        const cache = new RowCache(store);
        const naive: Naive = new Map();
        for (const steps of wished) {
          const overlay = new Overlay(cache);
          for (const { changes, fails, looks } of steps) {
            overlay.begin();
            apply(overlay, table, changes);
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
              .filter((one) => from === undefined || compareBytes(one.key, from) >= 0)
              .filter((one) => to === undefined || compareBytes(one.key, to) < 0)
              .toSorted((left, right) => compareBytes(left.key, right.key) * (reverse ? -1 : 1))
              .slice(0, limit);
            expect(overlay.scan(table, range)).toEqual(expected);
            const looked = changes.map(({ key }) => overlay.get(table, key));
            expect(looked).toEqual(changes.map(({ key }) => naive.get(bytesToHex(key))?.row));
          }
          await commit(store, cache, overlay);
          const all = [...naive.values()].toSorted((left, right) => compareBytes(left.key, right.key));
          expect(all.map(({ key }) => cache.get(table, key))).toEqual(all.map((one) => one.row));
          expect(storedRows(store).scan(table)).toEqual(all);
          for (const { key, row: wanted } of all.slice(0, 3))
            expect(storedRows(store).get(table, key)).toEqual(wanted);
        }
      }),
      { numRuns: 60 },
    );
  },
);

test('Rows that were put together are few in the store, those of older stores are read alike, and each can go', async () => {
  const store = createMemoryClientStore();
  const table = numbered(tableOfBytes);
  const old = placeKey(row(1), 0);
  await store.commit([{ kind: 'put', table: table.name, key: old, value: row(7) }]);
  const cache = new RowCache(store);
  const put = async (from: number, to: number, value: Uint8Array | undefined): Promise<void> => {
    const overlay = new Overlay(cache);
    for (let at = from; at < to; at += 1) {
      if (value === undefined) overlay.delete(table, placeKey(row(1), at));
      else overlay.put(table, placeKey(row(1), at), value);
    }
    await commit(store, cache, overlay);
  };
  await put(1, 300, row(3));
  expect(store.scan(table.name)).toHaveLength(6);
  expect(storedRows(store).get(table, old)).toEqual(row(7));
  await put(0, 100, undefined);
  expect(storedRows(store).scan(table, { limit: 1 })[0]?.key).toEqual(placeKey(row(1), 100));
  await put(100, 300, undefined);
  expect(store.scan(table.name)).toEqual([]);
});

test('More rows than are kept in memory are read from the store again', async () => {
  const store = createMemoryClientStore();
  const cache = new RowCache(store);
  const many = Array.from({ length: 5_000 }, (_, at) => Uint8Array.of(at >> 8, at & 255));
  const overlay = new Overlay(cache);
  for (const one of many) overlay.put(tableOfBytes, one, one);
  await commit(store, cache, overlay);
  for (const one of many) expect(cache.get(tableOfBytes, one)).toEqual(one);
});

test('What was put at the end of a feed and taken away again is not there any more, nor is what stood before it lost', async () => {
  const store = createMemoryClientStore();
  const cache = new RowCache(store);
  const table = numbered(tableOfBytes);
  const thing = Uint8Array.of(7);
  const change = (first: number, values: readonly (number | undefined)[]): Promise<void> => {
    const overlay = new Overlay(cache);
    for (const [at, value] of values.entries()) {
      if (value === undefined) overlay.delete(table, placeKey(thing, first + at));
      else overlay.put(table, placeKey(thing, first + at), row(value));
    }
    return commit(store, cache, overlay);
  };
  const seen = (): readonly (number | undefined)[] =>
    cache
      .scan(table, { from: placeKey(thing, 0), to: placeKey(thing, 99) })
      .map(({ row: value }) => value[0]);
  await change(0, [1, 2, 3]);
  expect(seen()).toEqual([1, 2, 3]);
  await change(0, [undefined, undefined, undefined]);
  expect(seen()).toEqual([]);
  expect(cache.get(table, placeKey(thing, 0))).toBeUndefined();
  // More runs than are kept at the end: the oldest are read from the store again.
  for (let at = 3; at < 23; at += 1) await change(at, [at]);
  expect(seen()).toEqual(Array.from({ length: 20 }, (_, at) => at + 3));
  await change(
    3,
    Array.from({ length: 10 }, () => undefined),
  );
  expect(seen()).toEqual(Array.from({ length: 10 }, (_, at) => at + 13));
});
