// ChaCha20 (RFC 8439 §2.3), four blocks at once: lane L of every vector belongs to block L, so that a quarter round of four
// states is the same instructions as one of one state. Additions, exclusive ors and rotations by constants only: nothing
// depends on a secret but the values themselves.

import { BLOCKS, STATES } from './layout';

/** The state matrix of RFC 8439 §2.3: words 0-3 the constant, 4-11 the key, 12 the counter, 13-15 the nonce. */
const KEY_ROW: i32 = 4;
const COUNTER_ROW: i32 = 12;
const NONCE_ROW: i32 = 13;

export function setConstants(): void {
  v128.store(STATES, i32x4.splat(0x61707865));
  v128.store(STATES, i32x4.splat(0x3320646e), 16);
  v128.store(STATES, i32x4.splat(0x79622d32), 32);
  v128.store(STATES, i32x4.splat(0x6b206574), 48);
}

/** The same key (32 bytes) for all four. */
export function setKey(key: usize): void {
  for (let word = 0; word < 8; word++) {
    v128.store(row(KEY_ROW + word), v128.load_splat<u32>(key + (word << 2)));
  }
}

/** The key of block 0 only. */
export function setFirstKey(key: usize): void {
  for (let word = 0; word < 8; word++) store<u32>(row(KEY_ROW + word), load<u32>(key + (word << 2)));
}

/** The same nonce (12 bytes) for all four. */
export function setNonce(nonce: usize): void {
  for (let word = 0; word < 3; word++) {
    v128.store(row(NONCE_ROW + word), v128.load_splat<u32>(nonce + (word << 2)));
  }
}

/** The zero nonce, for all four. */
export function clearNonces(): void {
  memory.fill(row(NONCE_ROW), 0, 48);
}

/** The zero nonce for block 0 only. */
export function clearFirstNonce(): void {
  for (let word = 0; word < 3; word++) store<u32>(row(NONCE_ROW + word), 0);
}

export function setCounters(counters: v128): void {
  v128.store(row(COUNTER_ROW), counters);
}

function row(number: i32): usize {
  return STATES + (number << 4);
}

function rotate16(x: v128): v128 {
  return i8x16.shuffle(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

function rotate12(x: v128): v128 {
  return v128.or(i32x4.shl(x, 12), i32x4.shr_u(x, 20));
}

function rotate8(x: v128): v128 {
  return i8x16.shuffle(x, x, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14);
}

function rotate7(x: v128): v128 {
  return v128.or(i32x4.shl(x, 7), i32x4.shr_u(x, 25));
}

/**
 * The four blocks of the states. Ten times a round of columns and one of diagonals; four quarter rounds side by side, written
 * out, because only locals stay in registers.
 */
// oxlint-disable-next-line max-lines-per-function
export function computeBlocks(): void {
  let x0 = v128.load(STATES, 0);
  let x1 = v128.load(STATES, 16);
  let x2 = v128.load(STATES, 32);
  let x3 = v128.load(STATES, 48);
  let x4 = v128.load(STATES, 64);
  let x5 = v128.load(STATES, 80);
  let x6 = v128.load(STATES, 96);
  let x7 = v128.load(STATES, 112);
  let x8 = v128.load(STATES, 128);
  let x9 = v128.load(STATES, 144);
  let x10 = v128.load(STATES, 160);
  let x11 = v128.load(STATES, 176);
  let x12 = v128.load(STATES, 192);
  let x13 = v128.load(STATES, 208);
  let x14 = v128.load(STATES, 224);
  let x15 = v128.load(STATES, 240);
  for (let round = 0; round < 10; round++) {
    // Quarter rounds of columns: (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15).
    x0 = i32x4.add(x0, x4);
    x1 = i32x4.add(x1, x5);
    x2 = i32x4.add(x2, x6);
    x3 = i32x4.add(x3, x7);
    x12 = rotate16(v128.xor(x12, x0));
    x13 = rotate16(v128.xor(x13, x1));
    x14 = rotate16(v128.xor(x14, x2));
    x15 = rotate16(v128.xor(x15, x3));
    x8 = i32x4.add(x8, x12);
    x9 = i32x4.add(x9, x13);
    x10 = i32x4.add(x10, x14);
    x11 = i32x4.add(x11, x15);
    x4 = rotate12(v128.xor(x4, x8));
    x5 = rotate12(v128.xor(x5, x9));
    x6 = rotate12(v128.xor(x6, x10));
    x7 = rotate12(v128.xor(x7, x11));
    x0 = i32x4.add(x0, x4);
    x1 = i32x4.add(x1, x5);
    x2 = i32x4.add(x2, x6);
    x3 = i32x4.add(x3, x7);
    x12 = rotate8(v128.xor(x12, x0));
    x13 = rotate8(v128.xor(x13, x1));
    x14 = rotate8(v128.xor(x14, x2));
    x15 = rotate8(v128.xor(x15, x3));
    x8 = i32x4.add(x8, x12);
    x9 = i32x4.add(x9, x13);
    x10 = i32x4.add(x10, x14);
    x11 = i32x4.add(x11, x15);
    x4 = rotate7(v128.xor(x4, x8));
    x5 = rotate7(v128.xor(x5, x9));
    x6 = rotate7(v128.xor(x6, x10));
    x7 = rotate7(v128.xor(x7, x11));
    // Of diagonals: (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14).
    x0 = i32x4.add(x0, x5);
    x1 = i32x4.add(x1, x6);
    x2 = i32x4.add(x2, x7);
    x3 = i32x4.add(x3, x4);
    x15 = rotate16(v128.xor(x15, x0));
    x12 = rotate16(v128.xor(x12, x1));
    x13 = rotate16(v128.xor(x13, x2));
    x14 = rotate16(v128.xor(x14, x3));
    x10 = i32x4.add(x10, x15);
    x11 = i32x4.add(x11, x12);
    x8 = i32x4.add(x8, x13);
    x9 = i32x4.add(x9, x14);
    x5 = rotate12(v128.xor(x5, x10));
    x6 = rotate12(v128.xor(x6, x11));
    x7 = rotate12(v128.xor(x7, x8));
    x4 = rotate12(v128.xor(x4, x9));
    x0 = i32x4.add(x0, x5);
    x1 = i32x4.add(x1, x6);
    x2 = i32x4.add(x2, x7);
    x3 = i32x4.add(x3, x4);
    x15 = rotate8(v128.xor(x15, x0));
    x12 = rotate8(v128.xor(x12, x1));
    x13 = rotate8(v128.xor(x13, x2));
    x14 = rotate8(v128.xor(x14, x3));
    x10 = i32x4.add(x10, x15);
    x11 = i32x4.add(x11, x12);
    x8 = i32x4.add(x8, x13);
    x9 = i32x4.add(x9, x14);
    x5 = rotate7(v128.xor(x5, x10));
    x6 = rotate7(v128.xor(x6, x11));
    x7 = rotate7(v128.xor(x7, x8));
    x4 = rotate7(v128.xor(x4, x9));
  }
  putRows(0, x0, x1, x2, x3);
  putRows(1, x4, x5, x6, x7);
  putRows(2, x8, x9, x10, x11);
  putRows(3, x12, x13, x14, x15);
}

/** Adds four rows of the states and turns them round: words 4 · part to 4 · part + 3 of each block, in its place. */
// oxlint-disable-next-line max-params
function putRows(part: i32, a: v128, b: v128, c: v128, d: v128): void {
  const first = row(part << 2);
  a = i32x4.add(a, v128.load(first));
  b = i32x4.add(b, v128.load(first, 16));
  c = i32x4.add(c, v128.load(first, 32));
  d = i32x4.add(d, v128.load(first, 48));
  const abLow = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cdLow = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7);
  const out = BLOCKS + (part << 4);
  v128.store(out, i64x2.shuffle(abLow, cdLow, 0, 2));
  v128.store(out, i64x2.shuffle(abLow, cdLow, 1, 3), 64);
  v128.store(out, i64x2.shuffle(abHigh, cdHigh, 0, 2), 128);
  v128.store(out, i64x2.shuffle(abHigh, cdHigh, 1, 3), 192);
}
