/** What the kernel is: built from its source, alone, wiped, without what could take a time that depends on secrets. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createKernelFrameCipher } from '@mycelium/kernel';
import { expect, test } from 'vitest';
import { loadKernel } from '../../node/src/primitives/kernel.ts';
import { buildKernel, textOfKernel } from '../build.ts';
import { fuzzKernel } from './fuzz.ts';

const committed = readFileSync(path.join(import.meta.dirname, '../kernel.wasm'));

test('kernel.wasm is what its source compiles to, byte for byte', async () => {
  const built = await buildKernel();
  expect(Buffer.from(built).equals(committed), 'after a change in assembly/: npm run kernel').toBe(true);
});

test('it imports nothing, and its memory cannot grow', () => {
  // An import section has number 2 and would stand right behind the types, which have 1.
  const typesBytes = committed[9]!;
  expect([...committed.subarray(0, 4)]).toEqual([0, 0x61, 0x73, 0x6d]);
  expect(committed[8]).toBe(1);
  expect(committed[10 + typesBytes]).toBe(3);
  const { memory } = loadKernel();
  expect(memory.buffer.byteLength).toBe(65_536);
  expect(() => (memory as unknown as { grow: (pages: number) => number }).grow(1)).toThrow(RangeError);
});

test('no instruction in it divides, counts bits, or calls through a table', async () => {
  const text = await textOfKernel();
  expect(text).toContain('i64.mul');
  expect(
    text.match(/\b[if]\d\d(?:x\d+)?\.(?:div|rem|clz|ctz|popcnt|sqrt)\w*|call_indirect|br_table/g),
  ).toBeNull();
});

test('no secret is left in linear memory after a run, whole or not', () => {
  const kernel = loadKernel();
  const all = new Uint8Array(kernel.memory.buffer);
  const cipher = createKernelFrameCipher(kernel);
  const key = new Uint8Array(32).fill(9);
  for (const turn of [false, true]) {
    for (const at of [0, 128]) cipher.memory.set([1, 1, 124, 0], at);
    cipher.memory.set([2, 1, 252, 1], 256);
    cipher.seal(key.slice(), 768);
    if (turn) cipher.memory[200] = (cipher.memory[200] ?? 0) ^ 1;
    expect(cipher.open(key.slice(), 768)).toBe(turn ? 128 : 768);
    cipher.memory.fill(0);
    expect(all.findIndex((byte) => byte !== 0)).toBe(-1);
  }
});

test('half a frame in a run is a bug that shows', () => {
  const cipher = createKernelFrameCipher(loadKernel());
  const key = new Uint8Array(32);
  cipher.memory.set([1, 1, 124, 0], 0);
  expect(() => cipher.seal(key, 64)).toThrow(/unreachable/);
  expect(() => cipher.seal(new Uint8Array(31), 128)).toThrow(RangeError);
});

test('20,000 frames come out of the kernel as out of libsodium (npm run fuzz:kernel for more)', () => {
  const { frames, runs, stopped } = fuzzKernel(20_000, 20_261_122);
  expect(frames).toBeGreaterThanOrEqual(20_000);
  expect(stopped / runs).toBeGreaterThan(0.3);
});
