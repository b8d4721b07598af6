/**
 * Randomness that is a function of a seed: sfc32 (Chris Doty-Humphrey, PractRand), seeded by the FNV-1a hash of a text.
 * For simulations only, never for keys that anybody relies on.
 */
import type { Randomness } from '@mycelium/runtime';

export interface SeededRandomness extends Randomness {
  readonly seed: string;
  /** A number from 0 (inclusive) to 1 (exclusive). */
  fraction(): number;
  /** A whole number from `from` to `to`, both possible. */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Independent of this one and of how much was taken from it, so that one consumer more changes no other's numbers. */
  fork(name: string): SeededRandomness;
}

export function createSeededRandomness(seed: string | number): SeededRandomness {
  const text = String(seed);
  const next = sfc32(text);
  const fraction = (): number => next() / 0x1_0000_0000;
  const between = (from: number, to: number): number => from + Math.floor(fraction() * (to - from + 1));
  return {
    seed: text,
    fraction,
    between,
    chance: (probability) => fraction() < probability,
    pick(list) {
      const picked = list[between(0, list.length - 1)];
      if (picked === undefined) throw new RangeError('picks from a list that is not empty');
      return picked;
    },
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
    fork: (name) => createSeededRandomness(`${text}/${name}`),
  };
}

function sfc32(seed: string): () => number {
  let a = fnv1a(seed, 1);
  let b = fnv1a(seed, 2);
  let c = fnv1a(seed, 3);
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0;
    return sum;
  };
  // The first outputs still resemble the seed.
  for (let round = 0; round < 15; round += 1) next();
  return next;
}

function fnv1a(text: string, lane: number): number {
  let hash = 0x811c9dc5 ^ lane;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
