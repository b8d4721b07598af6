// ChaCha20-Poly1305 (RFC 8439 §2.8) in place, and beside it the step of a chain: four blocks are computed at once, and a short frame
// takes just four. Block 0 is the step of the chain behind this message, 1 the one-time key, 2 and 3 key stream.

import {
  clearFirstNonce,
  clearNonces,
  computeBlocks,
  setConstants,
  setCounters,
  setFirstKey,
  setKey,
  setNonce,
} from './chacha20';
import { BLOCKS, MESSAGE_KEY, NEXT_STEP, NONCE, RUN, STEP, wipeSecrets } from './layout';
import { absorb, absorbLengths, absorbPadded, begin, finish } from './poly1305';

const BLOCK_BYTES: usize = 64;
const ONE_TIME_KEY: usize = BLOCKS + BLOCK_BYTES;
const FIRST_STREAM: usize = BLOCKS + 2 * BLOCK_BYTES;
const FIRST_STREAM_BYTES: usize = 2 * BLOCK_BYTES;
const FOUR_BLOCKS_BYTES: usize = 4 * BLOCK_BYTES;

/** One step of a chain: `chainKey` is 32 bytes, the step comes to STEP. */
export function firstStep(chainKey: usize): void {
  setConstants();
  setKey(chainKey);
  setCounters(i32x4.splat(0));
  clearNonces();
  computeBlocks();
  memory.copy(STEP, BLOCKS, BLOCK_BYTES);
}

/** For the message key and the chain key in STEP: the one-time key, the beginning of the key stream, and NEXT_STEP. */
export function prepare(nonce: usize): void {
  setKey(MESSAGE_KEY);
  setNonce(nonce);
  setFirstKey(STEP);
  clearFirstNonce();
  setCounters(i32x4(0, 0, 1, 2));
  computeBlocks();
  memory.copy(NEXT_STEP, BLOCKS, BLOCK_BYTES);
  begin(ONE_TIME_KEY);
}

/** After `prepare`: the tag over what is sealed. Answers where it is. */
export function tagOf(associated: usize, associatedLength: usize, text: usize, length: usize): usize {
  absorbPadded(associated, associatedLength);
  absorbPadded(text, length);
  absorbLengths(associatedLength, length);
  return finish();
}

/** After `prepare`, once: encrypts or decrypts. */
export function addKeyStream(text: usize, length: usize, nonce: usize): void {
  add(text, FIRST_STREAM, min(length, FIRST_STREAM_BYTES));
  if (length <= FIRST_STREAM_BYTES) return;
  setKey(MESSAGE_KEY);
  setNonce(nonce);
  let counters = i32x4(3, 4, 5, 6);
  for (let at = FIRST_STREAM_BYTES; at < length; at += FOUR_BLOCKS_BYTES) {
    setCounters(counters);
    computeBlocks();
    add(text + at, BLOCKS, min(length - at, FOUR_BLOCKS_BYTES));
    counters = i32x4.add(counters, i32x4.splat(4));
  }
}

function add(text: usize, stream: usize, length: usize): void {
  const whole = length & ~15;
  for (let at: usize = 0; at < whole; at += 16) {
    v128.store(text + at, v128.xor(v128.load(text + at), v128.load(stream + at)));
  }
  for (let at = whole; at < length; at++) {
    store<u8>(text + at, load<u8>(text + at) ^ load<u8>(stream + at));
  }
}

/** Whether two tags of 16 bytes are the same: all of it is looked at. */
export function isSame(left: usize, right: usize): bool {
  return !v128.any_true(v128.xor(v128.load(left), v128.load(right)));
}

/**
 * One message of any length: associated data at RUN, the text behind it, the tag behind that; its key at MESSAGE_KEY, its nonce
 * at NONCE. Frames do not take this way, but all of its parts: it is there so that the public test vectors, which are no frames,
 * can be put through them.
 */
export function sealText(associatedLength: i32, length: i32): void {
  const text = RUN + <usize>associatedLength;
  setConstants();
  prepare(NONCE);
  addKeyStream(text, length, NONCE);
  v128.store(text + <usize>length, v128.load(tagOf(RUN, associatedLength, text, length)));
  wipeSecrets();
}

/** The way back. False when the tag does not fit; the text is then as it was. */
export function openText(associatedLength: i32, length: i32): bool {
  const text = RUN + <usize>associatedLength;
  setConstants();
  prepare(NONCE);
  const authentic = isSame(text + <usize>length, tagOf(RUN, associatedLength, text, length));
  if (authentic) addKeyStream(text, length, NONCE);
  wipeSecrets();
  return authentic;
}

/** For vectors of Poly1305 alone: the one-time key at MESSAGE_KEY, whole blocks at RUN; the tag comes behind them. */
export function tagBlocks(length: i32): void {
  const end = RUN + <usize>length;
  begin(MESSAGE_KEY);
  absorb(RUN, end);
  v128.store(end, v128.load(finish()));
  wipeSecrets();
}
