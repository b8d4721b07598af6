/**
 * What every `ClientStore` must do, as cases that any test runner can run:
 * `for (const { title, run } of clientStoreCases) test(title, () => run(subject))`.
 */
import { assert, bytesEqual, bytesToHex } from '@mycelium/protocol';
import { ClientStoreError, type ClientStore, type Row, type ScanRange, type Write } from '@mycelium/runtime';
import { fromHex, type ConformanceCase } from './case.ts';

export interface ClientStoreSubject {
  /** A new, empty store. */
  create(): ClientStore;
  /** Ends this store as a killed process would, without `close`, and opens what is left. */
  reopenAfterCrash(store: ClientStore): ClientStore;
}

const put = (table: string, key: string, value = key): Write => ({
  kind: 'put',
  table,
  key: fromHex(key),
  value: fromHex(value),
});
const remove = (table: string, key: string): Write => ({ kind: 'delete', table, key: fromHex(key) });
const get = (store: ClientStore, table: string, key: string): string | undefined => {
  const value = store.get(table, fromHex(key));
  return value && bytesToHex(value);
};
const keys = (store: ClientStore, table: string, range?: ScanRange): string =>
  keysOf(store.scan(table, range));
const keysOf = (rows: readonly Row[]): string => rows.map((row) => bytesToHex(row.key) || '-').join(' ');

function expectText(found: string | undefined, wanted: string | undefined, what: string): void {
  assert(found === wanted, `${what}: wanted ${wanted}, found ${found}`);
}

/** Deliberately out of order; `ff` and `00` are where signed bytes or text order would go wrong; the empty key is a key. */
const manyKeys = ['80', '7f', 'ff', '00', '', '0001', '01', 'ffff'];
const inOrder = '- 00 0001 01 7f 80 ff ffff';

async function withKeys(subject: ClientStoreSubject): Promise<ClientStore> {
  const store = subject.create();
  await store.commit(manyKeys.map((key) => put('a', key)));
  return store;
}

export const clientStoreCases: readonly ConformanceCase<ClientStoreSubject, Promise<void>>[] = [
  {
    title: 'what was put is got; what was not is undefined',
    run: async (subject) => {
      const store = subject.create();
      await store.commit([put('a', '01', 'aabb'), put('a', '02', '')]);
      expectText(get(store, 'a', '01'), 'aabb', 'value');
      expectText(get(store, 'a', '02'), '', 'empty value');
      expectText(get(store, 'a', '03'), undefined, 'missing key');
      expectText(get(store, 'b', '01'), undefined, 'other table');
      expectText(keys(store, 'b'), '', 'missing table');
      store.close();
    },
  },
  {
    title: 'a second put of a key replaces the first, also within one commit',
    run: async (subject) => {
      const store = subject.create();
      await store.commit([put('a', '01', '11'), put('a', '01', '22')]);
      expectText(get(store, 'a', '01'), '22', 'within a commit');
      await store.commit([put('a', '01', '33')]);
      expectText(get(store, 'a', '01'), '33', 'in another commit');
      expectText(keys(store, 'a'), '01', 'keys');
      store.close();
    },
  },
  {
    title: 'writes of a commit happen in their order',
    run: async (subject) => {
      const store = subject.create();
      await store.commit([
        put('a', '01'),
        remove('a', '01'),
        put('a', '02'),
        remove('a', '03'),
        put('a', '03'),
      ]);
      expectText(keys(store, 'a'), '02 03', 'keys');
      store.close();
    },
  },
  {
    title: 'rows come in the order of their keys as unsigned bytes',
    run: async (subject) => {
      const store = await withKeys(subject);
      expectText(keys(store, 'a'), inOrder, 'up');
      expectText(keys(store, 'a', { reverse: true }), inOrder.split(' ').toReversed().join(' '), 'down');
      store.close();
    },
  },
  {
    title: 'a scan takes its start, leaves out its end, and stops at its limit',
    run: async (subject) => {
      const store = await withKeys(subject);
      const from = fromHex('00');
      const to = fromHex('80');
      expectText(keys(store, 'a', { from, to }), '00 0001 01 7f', 'both ends');
      expectText(keys(store, 'a', { from, to, reverse: true }), '7f 01 0001 00', 'both ends, down');
      expectText(keys(store, 'a', { from: to }), '80 ff ffff', 'start only');
      expectText(keys(store, 'a', { to: from }), '-', 'end only');
      expectText(keys(store, 'a', { from, limit: 2 }), '00 0001', 'limit');
      expectText(keys(store, 'a', { to, limit: 2, reverse: true }), '7f 01', 'limit, down');
      expectText(keys(store, 'a', { limit: 0 }), '', 'limit of none');
      expectText(keys(store, 'a', { from: to, to: from }), '', 'end before start');
      store.close();
    },
  },
  {
    title: 'a range is deleted with its start and without its end, in its table only',
    run: async (subject) => {
      const store = await withKeys(subject);
      await store.commit([put('b', '01')]);
      await store.commit([{ kind: 'delete-range', table: 'a', from: fromHex('00'), to: fromHex('80') }]);
      expectText(keys(store, 'a'), '- 80 ff ffff', 'keys left');
      expectText(keys(store, 'b'), '01', 'other table');
      await store.commit([{ kind: 'delete-range', table: 'a', from: fromHex('ff'), to: fromHex('80') }]);
      expectText(keys(store, 'a'), '- 80 ff ffff', 'keys left after an empty range');
      store.close();
    },
  },
  {
    title: 'table names are only names',
    run: async (subject) => {
      const store = subject.create();
      const names = ['__proto__', 'constructor', "'; DROP TABLE records; --", 'ä', ''];
      for (const [at, name] of names.entries()) await store.commit([put(name, '01', `0${at}`)]);
      names.forEach((name, at) => expectText(get(store, name, '01'), `0${at}`, name));
      store.close();
    },
  },
  {
    title: 'bytes handed in or out may be changed by their owner',
    run: async (subject) => {
      const store = subject.create();
      const key = Uint8Array.of(1, 2).subarray(1);
      const value = Uint8Array.of(9, 8, 7).subarray(1);
      await store.commit([{ kind: 'put', table: 'a', key, value }]);
      key.fill(0);
      value.fill(0);
      expectText(get(store, 'a', '02'), '0807', 'after the writer wiped');
      store.get('a', Uint8Array.of(2))?.fill(0);
      store.scan('a')[0]?.value.fill(0);
      expectText(get(store, 'a', '02'), '0807', 'after a reader wiped');
      store.close();
    },
  },
  {
    title: 'a big value comes back whole',
    run: async (subject) => {
      const store = subject.create();
      const value = Uint8Array.from({ length: 1_000_000 }, (_, at) => at % 251);
      await store.commit([{ kind: 'put', table: 'a', key: Uint8Array.of(1), value }]);
      const found = store.get('a', Uint8Array.of(1));
      assert(found !== undefined && bytesEqual(found, value), 'a million bytes are the same');
      store.close();
    },
  },
  {
    title: 'what was committed is there after a crash',
    run: async (subject) => {
      const store = await withKeys(subject);
      await store.commit([remove('a', '80'), put('b', '01', 'aa')]);
      const found = subject.reopenAfterCrash(store);
      expectText(keys(found, 'a'), inOrder.replace(' 80', ''), 'keys');
      expectText(get(found, 'b', '01'), 'aa', 'value');
      found.close();
    },
  },
  {
    title: 'a commit of nothing changes nothing',
    run: async (subject) => {
      const store = subject.create();
      await store.commit([]);
      expectText(keys(store, 'a'), '', 'keys');
      store.close();
    },
  },
];

/** Shared with adapters' own tests: runs `work` and answers the code of the `ClientStoreError` that it must throw. */
export async function clientStoreFailure(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ClientStoreError) return error.code;
    throw error;
  }
  return 'none';
}
