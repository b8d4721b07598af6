/** Randomness from the operating system's generator. */
import { randomFillSync } from 'node:crypto';
import type { Randomness } from '@mycelium/runtime';

/** Few bytes at a time (a guard for each frame) cost a call into the system each: they come out of a block. */
const blockBytes = 4_096;
const shortBytesMax = 64;
const block = new Uint8Array(new ArrayBuffer(blockBytes));
let used = blockBytes;

export const systemRandomness: Randomness = {
  bytes: (length) => {
    if (length > shortBytesMax) return randomFillSync(new Uint8Array(length));
    if (used + length > blockBytes) {
      randomFillSync(block);
      used = 0;
    }
    const bytes = block.slice(used, used + length);
    // What was given out is nobody else's to see.
    block.fill(0, used, used + length);
    used += length;
    return bytes;
  },
};
