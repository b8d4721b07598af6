/** Waits that double, each shortened by up to a half at random so that many who lost the same peer do not come back at once. */
import type { Randomness } from '../ports/randomness.ts';

export interface Backoff {
  /** The next wait in ms. */
  next(): number;
  reset(): void;
}

export function createBackoff(randomness: Randomness, minMs: number, maxMs: number): Backoff {
  let failures = 0;
  return {
    next() {
      const wholeMs = Math.min(maxMs, minMs * 2 ** failures);
      failures = Math.min(failures + 1, 30);
      const [low = 0, high = 0] = randomness.bytes(2);
      return wholeMs * (1 - (low + high * 256) / 131_072);
    },
    reset() {
      failures = 0;
    },
  };
}
