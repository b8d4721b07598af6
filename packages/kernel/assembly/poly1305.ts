// Poly1305 (RFC 8439 §2.5) in limbs of 32 bits, products in 64: h = (h + block) · r modulo 2^130 - 5. Multiplications,
// additions, shifts by constants; no branch, index or division depends on a secret.

import { POLY } from './layout';

const KEY_BYTES: usize = 32;
const ACCUMULATOR: usize = POLY + 32;
const TAG: usize = POLY + 64;
const LAST_BLOCK: usize = POLY + 80;
const LOW: u64 = 0xffff_ffff;

/** Starts with the one-time key (32 bytes) at `key`; r is clamped (§2.5.1). */
export function begin(key: usize): void {
  memory.copy(POLY, key, KEY_BYTES);
  store<u32>(POLY, load<u32>(POLY) & 0x0fff_ffff);
  for (let at: usize = 4; at < 16; at += 4) store<u32>(POLY + at, load<u32>(POLY + at) & 0x0fff_fffc);
  memory.fill(ACCUMULATOR, 0, 20);
}

/**
 * Takes whole blocks of 16 bytes. Bounds: h < 2^32 a limb and 5 · 2^32 in the last, r < 2^28, so the sums s are below 2^33
 * and each x is below 2^64. Since r1 to r3 are multiples of 4 and 2^130 = 5, what leaves at the top comes back as
 * r · 5 / 4; the two low bits of r0 are dealt with in `top`.
 */
export function absorb(from: usize, end: usize): void {
  const r0 = <u64>load<u32>(POLY);
  const r1 = <u64>load<u32>(POLY, 4);
  const r2 = <u64>load<u32>(POLY, 8);
  const r3 = <u64>load<u32>(POLY, 12);
  const w0 = (r0 >> 2) * 5;
  const w1 = (r1 >> 2) * 5;
  const w2 = (r2 >> 2) * 5;
  const w3 = (r3 >> 2) * 5;
  let h0 = <u64>load<u32>(ACCUMULATOR);
  let h1 = <u64>load<u32>(ACCUMULATOR, 4);
  let h2 = <u64>load<u32>(ACCUMULATOR, 8);
  let h3 = <u64>load<u32>(ACCUMULATOR, 12);
  let h4 = <u64>load<u32>(ACCUMULATOR, 16);
  for (let at = from; at < end; at += 16) {
    const s0 = h0 + <u64>load<u32>(at);
    const s1 = h1 + <u64>load<u32>(at, 4);
    const s2 = h2 + <u64>load<u32>(at, 8);
    const s3 = h3 + <u64>load<u32>(at, 12);
    const s4 = h4 + 1;
    const x0 = s0 * r0 + s1 * w3 + s2 * w2 + s3 * w1 + s4 * w0;
    const x1 = s0 * r1 + s1 * r0 + s2 * w3 + s3 * w2 + s4 * w1;
    const x2 = s0 * r2 + s1 * r1 + s2 * r0 + s3 * w3 + s4 * w2;
    const x3 = s0 * r3 + s1 * r2 + s2 * r1 + s3 * r0 + s4 * w3;
    const top = s4 * (r0 & 3) + (x3 >> 32);
    h0 = (x0 & LOW) + (top >> 2) * 5;
    h1 = (x1 & LOW) + (x0 >> 32) + (h0 >> 32);
    h2 = (x2 & LOW) + (x1 >> 32) + (h1 >> 32);
    h3 = (x3 & LOW) + (x2 >> 32) + (h2 >> 32);
    h4 = (top & 3) + (h3 >> 32);
    h0 &= LOW;
    h1 &= LOW;
    h2 &= LOW;
    h3 &= LOW;
  }
  store<u32>(ACCUMULATOR, <u32>h0);
  store<u32>(ACCUMULATOR, <u32>h1, 4);
  store<u32>(ACCUMULATOR, <u32>h2, 8);
  store<u32>(ACCUMULATOR, <u32>h3, 12);
  store<u32>(ACCUMULATOR, <u32>h4, 16);
}

/** Takes any bytes, filled up with zeros to whole blocks (RFC 8439 §2.8: pad16). */
export function absorbPadded(from: usize, length: usize): void {
  const whole = from + (length & ~15);
  absorb(from, whole);
  const rest = length & 15;
  if (rest === 0) return;
  memory.fill(LAST_BLOCK, 0, 16);
  memory.copy(LAST_BLOCK, whole, rest);
  absorb(LAST_BLOCK, LAST_BLOCK + 16);
}

/** The last block of the AEAD construction (RFC 8439 §2.8): how much there was of both. */
export function absorbLengths(associatedLength: u64, textLength: u64): void {
  store<u64>(LAST_BLOCK, associatedLength);
  store<u64>(LAST_BLOCK, textLength, 8);
  absorb(LAST_BLOCK, LAST_BLOCK + 16);
}

/** (h modulo 2^130 - 5) + s, modulo 2^128. Answers where the 16 bytes are. */
export function finish(): usize {
  // Whether h + 5 reaches 2^130, as a 0 or 5 that goes in below; the top is cut off.
  let carry: u64 = 5;
  for (let at: usize = 0; at < 16; at += 4) carry = (carry + load<u32>(ACCUMULATOR + at)) >> 32;
  carry = ((carry + load<u32>(ACCUMULATOR, 16)) >> 2) * 5;
  for (let at: usize = 0; at < 16; at += 4) {
    carry += <u64>load<u32>(ACCUMULATOR + at) + load<u32>(POLY + 16 + at);
    store<u32>(TAG + at, <u32>carry);
    carry >>= 32;
  }
  return TAG;
}
