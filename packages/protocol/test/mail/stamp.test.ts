import { beginStamp, encodeIntake, searchStamp, stampIsValid } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { primitives } from './members.ts';

const timeMs = 1_800_000_000_000;
const hourMs = 3_600_000;
const frameOf = (stampNonce = 0n): Uint8Array =>
  encodeIntake({
    route: new Uint8Array(16).fill(1),
    requestId: new Uint8Array(12).fill(2),
    stampTimeMs: timeMs,
    stampNonce,
    sealed: new Uint8Array(4046).fill(5),
  });

function stamped(difficulty: number): Uint8Array {
  let search = beginStamp(frameOf(), difficulty);
  for (let slice = 0; !search.found; slice += 1) {
    expect(slice).toBeLessThan(10_000);
    search = searchStamp(primitives, search, 16);
  }
  return search.frame;
}

test('a stamp found in slices is valid for its difficulty, and for easier ones', () => {
  const frame = stamped(8);
  expect(stampIsValid(primitives, frame, 8, timeMs)).toBe(true);
  expect(stampIsValid(primitives, frame, 0, timeMs)).toBe(true);
  expect(stampIsValid(primitives, frame, 30, timeMs)).toBe(false);
});

test('a stamp covers the whole frame', () => {
  for (const at of [4, 20, 32, 40, 50, 4095]) {
    const frame = stamped(10);
    frame[at] = (frame[at] ?? 0) ^ 1;
    // One in 1,024 changed frames is stamped by luck; these are not.
    expect(stampIsValid(primitives, frame, 10, timeMs), `byte ${at}`).toBe(false);
  }
});

test('a stamp counts for 48 hours before and after its time', () => {
  const frame = stamped(4);
  for (const [ageMs, valid] of [
    [48 * hourMs, true],
    [-48 * hourMs, true],
    [48 * hourMs + 1, false],
    [-48 * hourMs - 1, false],
  ] as const) {
    expect(stampIsValid(primitives, frame, 4, timeMs + ageMs), `${ageMs} ms`).toBe(valid);
  }
});

test('the search goes on beyond the largest nonce', () => {
  const last = 2n ** 64n - 1n;
  const search = searchStamp(primitives, beginStamp(frameOf(last), 6), 5_000);
  expect(search.found).toBe(true);
});
