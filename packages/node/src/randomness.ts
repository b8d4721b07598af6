/** Randomness from the operating system's generator. */
import { randomFillSync } from 'node:crypto';
import type { Randomness } from '@mycelium/runtime';

export const systemRandomness: Randomness = {
  bytes: (length) => randomFillSync(new Uint8Array(length)),
};
