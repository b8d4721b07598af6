import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPrimitives, systemRandomness } from '@mycelium/node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { custodyOf, openStoreKey } from '../src/daemon/store-key.ts';

const parts = { primitives: createPrimitives(), randomness: systemRandomness };
let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mycelium-key-'));
  file = path.join(folder, 'store.key');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (passphrase?: string): Uint8Array => openStoreKey(file, passphrase, parts);
const fails = (code: string): object => expect.objectContaining({ code }) as object;

test('without a passphrase the key is random, in a file of its owner alone', () => {
  expect(custodyOf(file)).toBe('none');
  const key = open();
  expect(custodyOf(file)).toBe('file');
  expect(open()).toEqual(key);
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  rmSync(file);
  expect(open()).not.toEqual(key);
});

test('a passphrase opens what it sealed, and nothing else does', () => {
  const key = open('correct horse');
  expect(custodyOf(file)).toBe('passphrase');
  expect(readFileSync(file, 'utf8')).not.toContain(Buffer.from(key).toString('hex'));
  expect(open('correct horse')).toEqual(key);
  expect(() => open('wrong horse')).toThrow(fails('wrong-passphrase'));
  expect(() => open('wrong horse')).toThrow('The passphrase is wrong. Nothing was changed.');
  expect(() => open()).toThrow(fails('passphrase-needed'));
});

test('a passphrase is the same however its accents were typed', () => {
  expect(open('caf\u00e9')).toEqual(open('cafe\u0301'));
});

test('a passphrase for a key that lies open is refused, so that nobody believes in it', () => {
  open();
  expect(() => open('late')).toThrow(fails('no-passphrase'));
});

test('a passphrase cannot be made cheaper in the file', () => {
  open('correct horse');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"passes":3', '"passes":1'));
  expect(() => open('correct horse')).toThrow(fails('wrong-passphrase'));
});

test.for([
  '',
  'null',
  '[]',
  '{"version":2,"kind":"file","key":"00"}',
  `{"version":1,"kind":"file","key":"${'00'.repeat(31)}"}`,
  `{"version":1,"kind":"file","key":"${'zz'.repeat(32)}"}`,
  `{"version":1,"kind":"passphrase","salt":"${'00'.repeat(16)}","memoryBytes":1e12,"passes":3,"sealed":"${'00'.repeat(48)}"}`,
  `{"version":1,"kind":"__proto__"}`,
])('a damaged key file is refused with a sentence, not replaced: %s', (text) => {
  writeFileSync(file, text);
  expect(() => open()).toThrow(fails('store-key'));
  expect(() => open()).toThrow(/store\.key is damaged or of a newer version/);
  expect(readFileSync(file, 'utf8')).toBe(text);
});
