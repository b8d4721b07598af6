// Where things stand in linear memory. It is one page that never grows, so views over it stay good.

/** The run of frames: put there and taken from there by the caller, who also wipes it. */
export const RUN: usize = memory.data(32_768, 64);
export const RUN_BYTES: i32 = 32_768;

/** In: the chain key of the first frame. Out: that of the frame behind the last. The caller wipes it. */
export const CHAIN_KEY: usize = memory.data(32, 16);

// All that follows is zeros after a call.

/** Of `sealText` and `openText`; frames have their own. */
export const NONCE: usize = memory.data(16, 16);

/** 64 bytes of one step of the chain: the chain key of the next generation, the message key of this one. */
export const STEP: usize = memory.data(64, 16);
export const MESSAGE_KEY: usize = STEP + 32;

/** The step after that. */
export const NEXT_STEP: usize = memory.data(64, 16);

/** ChaCha20 states of four blocks: 16 rows of 16 bytes, each a word of each of them. */
export const STATES: usize = memory.data(256, 16);

/** The four blocks, one after the other. */
export const BLOCKS: usize = memory.data(256, 16);

/** Poly1305: the key (r, s: 32 bytes), the accumulator (5 × u32, at 32), the tag (at 64), a last short block (at 80). */
export const POLY: usize = memory.data(96, 16);

export function wipeSecrets(): void {
  memory.fill(NONCE, 0, POLY + 96 - NONCE);
}
