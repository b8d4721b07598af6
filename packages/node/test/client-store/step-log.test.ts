// What a killed process leaves in its step logs, damage in them, and how much waits in them.
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openClientStore } from '@mycelium/node';
import { bytesToHex, compareBytes } from '@mycelium/protocol';
import type { ClientStore } from '@mycelium/runtime';
import { clientStoreFailure } from '@mycelium/simulation';
import { logKeptMs } from '../../src/client-store/open.ts';
import { SortedRows } from '../../src/client-store/sorted-rows.ts';

const key = new Uint8Array(32).fill(7);
let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mycelium-steps-'));
  file = path.join(folder, 'store.db');
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const open = (at = file): ClientStore => openClientStore({ file: at, key });
const numberKey = (number: number): Uint8Array => Uint8Array.of(number >> 8, number & 255);
const put = (store: ClientStore, number: number, length = 100): Promise<void> =>
  store.commit([
    { kind: 'put', table: 'a', key: numberKey(number), value: new Uint8Array(length).fill(number) },
  ]);
const numbers = (store: ClientStore): readonly number[] =>
  store.scan('a').map((row) => (row.key[0] ?? 0) * 256 + (row.key[1] ?? 0));
const logs = (): readonly string[] => readdirSync(folder).filter((name) => name.includes('-steps-'));

/** What is on disk now, as the next process would find it after a kill. */
function copyOfNow(name: string): string {
  for (const one of readdirSync(folder).filter((known) => known.startsWith('store.db')))
    copyFileSync(path.join(folder, one), path.join(folder, one.replace('store', name)));
  return path.join(folder, `${name}.db`);
}

function damage(at: string, change: (bytes: Buffer) => Buffer): void {
  const log = readdirSync(folder).find((name) => name.startsWith(`${path.basename(at)}-steps-`)) ?? '';
  writeFileSync(path.join(folder, log), change(readFileSync(path.join(folder, log))));
}

test('A log of which the last record is cut off anywhere gives all records before it', async () => {
  const store = open();
  for (let number = 0; number < 5; number += 1) await put(store, number);
  for (const cut of [1, 40, 100, 130]) {
    const left = copyOfNow(`cut-${cut}`);
    damage(left, (bytes) => bytes.subarray(0, bytes.length - cut));
    const again = open(left);
    expect(numbers(again)).toEqual([0, 1, 2, 3]);
    await put(again, 9);
    again.close();
    const closed = open(left);
    expect(numbers(closed)).toEqual([0, 1, 2, 3, 9]);
    closed.close();
  }
  store.close();
});

test('A record in the middle that does not open is damage, and is told', async () => {
  const store = open();
  for (let number = 0; number < 5; number += 1) await put(store, number);
  const left = copyOfNow('damaged');
  store.close();
  damage(left, (bytes) => {
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    return bytes;
  });
  expect(await clientStoreFailure(() => open(left))).toBe('corrupt');
});

test('A log that is in the database already is not read again', async () => {
  const store = open();
  await put(store, 1);
  const old = copyOfNow('old');
  store.close();
  const later = open();
  await later.commit([{ kind: 'delete', table: 'a', key: numberKey(1) }]);
  later.close();
  // Somebody puts back one file of a copy.
  const [log = ''] = readdirSync(folder).filter((name) => name.startsWith(`${path.basename(old)}-steps-`));
  copyFileSync(path.join(folder, log), path.join(folder, log.replace('old', 'store')));
  const again = open();
  expect(numbers(again)).toEqual([]);
  again.close();
  expect(logs().filter((name) => name.startsWith('store.db'))).toEqual([]);
});

test('A log that was being made when the process was killed is nothing', async () => {
  open().close();
  writeFileSync(`${file}-steps-0000000000000001`, 'MYCST');
  const store = open();
  await put(store, 1);
  expect(numbers(store)).toEqual([1]);
  store.close();
});

test('However much is committed in one turn, at most two logs wait, and everything is there at any moment', async () => {
  const store = open();
  const [length, count] = [200_000, 120];
  for (let number = 0; number < count; number += 1) {
    await put(store, number, length);
    if (number % 3 === 2) await store.commit([{ kind: 'delete', table: 'a', key: numberKey(number) }]);
    expect(logs().length).toBeLessThanOrEqual(2);
    if (number % 20 !== 19) continue;
    const waiting = logs().map((name) => statSync(path.join(folder, name)).size);
    for (const size of waiting) expect(size).toBeLessThan(8 * 1024 * 1024 + 2 * length);
  }
  const left = open(copyOfNow('left'));
  const wanted = Array.from({ length: count }, (_, number) => number).filter((number) => number % 3 !== 2);
  for (const one of [store, left]) {
    expect(numbers(one)).toEqual(wanted);
    const newest = one.scan('a', { reverse: true, limit: 3 });
    expect(newest.map((row) => [row.value.length, row.value[0]])).toEqual(
      wanted
        .slice(-3)
        .toReversed()
        .map((number) => [length, number & 255]),
    );
    one.close();
  }
});

test('A minute after a commit nothing of it is in a log any more', async () => {
  vi.useFakeTimers();
  const store = open();
  await put(store, 1);
  expect(logs()).toHaveLength(1);
  vi.advanceTimersByTime(logKeptMs);
  expect(logs()).toEqual([]);
  expect(statSync(`${file}-wal`).size).toBe(0);
  expect(numbers(store)).toEqual([1]);
  store.close();
});

test('Sorted rows are what a sorted list is', () => {
  const keys = fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) => bytes.map((byte) => byte % 5));
  const sorted = (rows: ReadonlyMap<string, Uint8Array>): readonly Uint8Array[] =>
    [...rows.values()].toSorted(compareBytes);
  fc.assert(
    fc.property(fc.array(keys, { maxLength: 1_500, size: 'max' }), keys, (wished, bound) => {
      const rows = new SortedRows();
      const naive = new Map<string, Uint8Array>();
      for (const one of wished) {
        rows.set({ key: one, value: one });
        naive.set(bytesToHex(one), one);
      }
      const all = sorted(naive);
      const isBelow = (one: Uint8Array): boolean => compareBytes(one, bound) < 0;
      expect([...rows.up(bound)].map((row) => row.key)).toEqual(all.filter((one) => !isBelow(one)));
      expect([...rows.down(bound)].map((row) => row.key)).toEqual(all.filter(isBelow).toReversed());
      expect([...rows.down(undefined)].map((row) => row.key)).toEqual(all.toReversed());
      expect(rows.get(bound)?.value).toEqual(naive.get(bytesToHex(bound)));
    }),
    { numRuns: 60 },
  );
});
