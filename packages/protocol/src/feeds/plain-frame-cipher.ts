/**
 * `FrameCipher` one frame at a time over the primitives: what a platform without a kernel has, and what a kernel is
 * compared with.
 */
import { assert } from '../errors.ts';
import { frameSizeAt } from '../frames/header.ts';
import type { FrameCipher, Primitives } from '../primitives.ts';
import { WorkFrames } from './work-frames.ts';

/** A run of 256 short frames: stays in the first cache of any processor. */
export const frameRunBytes = 32_768;

type Ciphers = Pick<Primitives, 'chacha20Block' | 'seal' | 'open' | 'wipe'>;

export function createPlainFrameCipher(ciphers: Ciphers): FrameCipher {
  const memory = new Uint8Array(frameRunBytes);
  const work = new WorkFrames();
  const seal = (chainKey: Uint8Array, end: number): void => {
    for (let at = 0; at < end; at += sizeAt(memory, at)) {
      const block = ciphers.chacha20Block(chainKey);
      const { frame, plain, sealed, associated, nonce } = work.take(memory, at, sizeAt(memory, at));
      ciphers.seal(sealed, plain, associated, nonce, block.subarray(32));
      memory.set(frame, at);
      frame.fill(0);
      chainKey.set(block.subarray(0, 32));
      ciphers.wipe(block);
    }
  };
  const open = (chainKey: Uint8Array, end: number): number => {
    let at = 0;
    while (at < end) {
      const block = ciphers.chacha20Block(chainKey);
      const { frame, plain, sealed, associated, nonce } = work.take(memory, at, sizeAt(memory, at));
      const authentic = ciphers.open(plain, sealed, associated, nonce, block.subarray(32));
      if (authentic) {
        memory.set(frame, at);
        chainKey.set(block.subarray(0, 32));
      }
      frame.fill(0);
      ciphers.wipe(block);
      if (!authentic) return at;
      at += sizeAt(memory, at);
    }
    return at;
  };
  return { memory, view: new DataView(memory.buffer), seal, open };
}

function sizeAt(memory: Uint8Array, at: number): number {
  const size = frameSizeAt(memory, at);
  assert(size > 0, 'a run is made of whole frames');
  return size;
}
