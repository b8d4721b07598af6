/** The kernel's ChaCha20-Poly1305 for messages that are no frames, in the shape of `Primitives`. */
import { loadKernel } from '../../node/src/primitives/kernel.ts';
import { createPrimitives } from '../../node/src/primitives/primitives.ts';
import type { Primitives } from '@mycelium/protocol';

const kernel = loadKernel();
const { RUN, MESSAGE_KEY, NONCE } = kernel;
const memory = new Uint8Array(kernel.memory.buffer);

function put(key: Uint8Array, nonce: Uint8Array, ...parts: readonly Uint8Array[]): void {
  memory.set(key, MESSAGE_KEY.value);
  memory.set(nonce, NONCE.value);
  let at = RUN.value;
  for (const part of parts) {
    memory.set(part, at);
    at += part.length;
  }
}

function take(at: number, out: Uint8Array): void {
  out.set(memory.subarray(RUN.value + at, RUN.value + at + out.length));
  memory.fill(0, RUN.value, RUN.value + kernel.RUN_BYTES.value);
}

/** The kernel's AEAD in the place of libsodium's. */
export const kernelAead: Primitives = {
  ...createPrimitives(),
  seal: (out, plaintext, associated, ...[nonce, key]) => {
    put(key, nonce, associated, plaintext);
    kernel.sealText(associated.length, plaintext.length);
    take(associated.length, out);
  },
  open: (out, sealed, associated, ...[nonce, key]) => {
    if (sealed.length < 16) return false;
    put(key, nonce, associated, sealed);
    const authentic = kernel.openText(associated.length, sealed.length - 16) === 1;
    take(associated.length, out);
    if (!authentic) out.fill(0);
    return authentic;
  },
};

/** Poly1305 over whole blocks. */
export function kernelTag(oneTimeKey: Uint8Array, blocks: Uint8Array): Uint8Array {
  put(oneTimeKey, new Uint8Array(0), blocks);
  kernel.tagBlocks(blocks.length);
  const tag = new Uint8Array(16);
  take(blocks.length, tag);
  return tag;
}

/** Whatever is not zero in the kernel's memory. */
export function leftInMemory(): readonly number[] {
  return [...memory.keys()].filter((at) => memory[at] !== 0);
}
