import { spawnSync } from 'node:child_process';
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
import Database from 'better-sqlite3-multiple-ciphers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openClientStore } from '@mycelium/node';
import type { ClientStore } from '@mycelium/runtime';
import { clientStoreCases, clientStoreFailure } from '@mycelium/simulation';
import { migrate, migrations } from '../../src/client-store/migrations.ts';
import { translateFailure } from '../../src/client-store/failures.ts';

const key = new Uint8Array(32).fill(7);
const canary = 'the canary sings in the mine';
let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mycelium-store-'));
  file = path.join(folder, 'store.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (): ClientStore => openClientStore({ file, key });
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const put = (store: ClientStore, name: string, words: string): Promise<void> =>
  store.commit([{ kind: 'put', table: 'a', key: text(name), value: text(words) }]);
const get = (store: ClientStore, name: string): string | undefined => {
  const value = store.get('a', text(name));
  return value && new TextDecoder().decode(value);
};
const everyByte = (): Buffer =>
  Buffer.concat(readdirSync(folder).map((name) => readFileSync(path.join(folder, name))));

/** A copy of files in use is what a killed process leaves; locks are the process's, not the file's. */
function reopenAfterCrash(store: ClientStore): ClientStore {
  for (const name of readdirSync(folder))
    if (name.startsWith('store.db'))
      copyFileSync(path.join(folder, name), path.join(folder, name.replace('store', 'left')));
  store.close();
  return openClientStore({ file: path.join(folder, 'left.db'), key });
}

test.for(clientStoreCases)('SQLite client store: $title', ({ run }) =>
  run({ create: open, reopenAfterCrash }),
);

test('a store that was closed opens again, and leaves one file of its owner alone', async () => {
  const store = open();
  await put(store, 'one', 'first');
  store.close();
  expect(readdirSync(folder)).toEqual(['store.db']);
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = open();
  expect(get(again, 'one')).toBe('first');
  again.close();
  again.close();
});

test('neither texts nor the key are on the disk, in the log or in the file', async () => {
  const store = open();
  await put(store, canary, canary);
  expect(everyByte().includes(canary)).toBe(false);
  store.close();
  const bytes = everyByte();
  expect(bytes.includes(canary)).toBe(false);
  expect(bytes.includes(Buffer.from(key))).toBe(false);
  expect(bytes.includes('SQLite format')).toBe(false);
});

test('what was deleted is gone from the pages', async () => {
  const store = open();
  await put(store, 'gone', canary);
  await store.commit([{ kind: 'delete', table: 'a', key: text('gone') }]);
  store.close();
  // Read the pages in the clear, through the key.
  const database = new Database(file);
  database.pragma("cipher = 'chacha20'");
  database.key(Buffer.from(`raw:${Buffer.from(key).toString('hex')}`));
  database.pragma('journal_mode = DELETE');
  database.rekey(Buffer.alloc(0));
  database.close();
  const bytes = readFileSync(file);
  expect(bytes.includes('SQLite format')).toBe(true);
  expect(bytes.includes(canary)).toBe(false);
});

test('a second opener is told that the file is in use', async () => {
  const store = open();
  expect(await clientStoreFailure(open)).toBe('in-use');
  expect(open).toThrow(/Another program is using .*store\.db\. Stop it first\./);
  store.close();
});

test('a wrong key is refused and changes nothing', async () => {
  const store = open();
  await put(store, 'one', 'first');
  store.close();
  const before = readFileSync(file);
  expect(await clientStoreFailure(() => openClientStore({ file, key: new Uint8Array(32) }))).toBe(
    'wrong-key',
  );
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('a flipped bit in a page is found, not read over', async () => {
  const store = open();
  for (let row = 0; row < 60; row += 1) await put(store, `row ${row}`, canary.repeat(50));
  store.close();
  const bytes = readFileSync(file);
  const at = bytes.length - 3000;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  expect(
    await clientStoreFailure(() => {
      const damaged = open();
      try {
        damaged.scan('a');
      } finally {
        damaged.close();
      }
    }),
  ).toBe('corrupt');
});

test('a file from a newer version is left alone', async () => {
  const store = open();
  store.close();
  const database = new Database(file);
  database.pragma("cipher = 'chacha20'");
  database.key(Buffer.from(`raw:${Buffer.from(key).toString('hex')}`));
  database.pragma(`user_version = ${migrations.length + 1}`);
  database.close();
  expect(await clientStoreFailure(open)).toBe('newer-version');
});

test('a file of version 1 opens with everything in it', async () => {
  copyFileSync(path.join(import.meta.dirname, 'version-1.db'), file);
  const store = open();
  expect(get(store, 'greeting')).toBe('written by version 1');
  await put(store, 'more', 'by this version');
  store.close();
  const again = open();
  expect([get(again, 'greeting'), get(again, 'more')]).toEqual(['written by version 1', 'by this version']);
  again.close();
});

test('steps are taken once, in order, and all or none', () => {
  const database = new Database(path.join(folder, 'plain.db'));
  const version = (): unknown => database.pragma('user_version', { simple: true });
  migrate(database, file);
  const second = (): void => void database.exec('CREATE TABLE second (n)');
  const failing = (): void => {
    throw new Error('no');
  };
  expect(() => migrate(database, file, [...migrations, second, failing])).toThrow('no');
  expect(version()).toBe(migrations.length);
  migrate(database, file, [...migrations, second]);
  migrate(database, file, [...migrations, second]);
  expect(version()).toBe(migrations.length + 1);
  database.close();
});

test('failures of disk and file system have names', () => {
  const code = (name: string): string =>
    translateFailure(Object.assign(new Error('x'), { code: name }), file, 'use').code;
  expect(
    ['SQLITE_FULL', 'ENOSPC', 'SQLITE_IOERR_FSYNC', 'SQLITE_CORRUPT_INDEX', 'SQLITE_BUSY'].map(code),
  ).toEqual(['full', 'full', 'failed', 'corrupt', 'in-use']);
});

test('a full disk refuses a commit, loses nothing and goes on when there is room', async (context) => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return context.skip('a small tmpfs needs root on Linux');
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]);
  if (mount.status !== 0) return context.skip('there is no tmpfs to be mounted here');
  try {
    const store = open();
    await put(store, 'one', 'first');
    const big = { kind: 'put', table: 'a', key: text('big'), value: new Uint8Array(400_000) } as const;
    expect(
      await clientStoreFailure(() => store.commit([{ kind: 'delete', table: 'a', key: text('one') }, big])),
    ).toBe('full');
    expect(get(store, 'one')).toBe('first');
    await put(store, 'two', 'second');
    store.close();
    const again = open();
    expect([get(again, 'one'), get(again, 'two')]).toEqual(['first', 'second']);
    again.close();
  } finally {
    spawnSync('umount', [folder]);
  }
});
