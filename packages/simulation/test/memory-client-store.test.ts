import { expect, test } from 'vitest';
import {
  clientStoreCases,
  clientStoreFailure,
  createMemoryClientStore,
  type ClientStoreSubject,
  type MemoryClientStore,
} from '@mycelium/simulation';

const row = (
  table: string,
  key: number,
): { kind: 'put'; table: string; key: Uint8Array; value: Uint8Array } => ({
  kind: 'put',
  table,
  key: Uint8Array.of(key),
  value: Uint8Array.of(key),
});

const subject: ClientStoreSubject = {
  create: () => createMemoryClientStore(),
  reopenAfterCrash: (store) => (store as MemoryClientStore).crash(),
};

test.for(clientStoreCases)('memory client store: $title', ({ run }) => run(subject));

test('a snapshot stays as it was, and can be the beginning of another store', async () => {
  const store = createMemoryClientStore();
  await store.commit([row('a', 1)]);
  const snapshot = store.snapshot();
  await store.commit([row('a', 2)]);
  const copy = createMemoryClientStore(snapshot);
  await copy.commit([row('a', 3)]);
  const keysOf = (from: MemoryClientStore): number[] => from.scan('a').map(({ key }) => key[0] ?? -1);
  expect([keysOf(store), keysOf(copy), keysOf(createMemoryClientStore(snapshot))]).toEqual([
    [1, 2],
    [1, 3],
    [1],
  ]);
});

test('a failure on order changes nothing, once', async () => {
  const store = createMemoryClientStore();
  store.failNextCommit('full');
  expect(await clientStoreFailure(() => store.commit([row('a', 1)]))).toBe('full');
  expect(store.scan('a')).toEqual([]);
  await store.commit([row('a', 1)]);
  expect(store.scan('a')).toHaveLength(1);
});

test('after a crash the old handle answers nothing', () => {
  const store = createMemoryClientStore();
  store.crash();
  expect(() => store.get('a', Uint8Array.of(1))).toThrow(/closed store/);
});
