/** HKDF in its two steps, and the labelled forms of RFC 9180 §4. */
import { concatBytes, encodeUtf8, type Primitives } from '@mycelium/protocol';
import type { Randomness } from '@mycelium/runtime';
import type { MlsPlatform } from './platform.ts';

export interface MlsCrypto {
  readonly primitives: Primitives;
  readonly randomness: Randomness;
  readonly platform: MlsPlatform;
}

export interface Kdf {
  /** Registered in RFC 9180 §7.2. */
  readonly id: number;
  readonly size: number;
  readonly mac: (key: Uint8Array, message: Uint8Array) => Uint8Array;
}

export function kdfOf(hash: 'sha256' | 'sha512', { platform, primitives }: MlsCrypto): Kdf {
  return hash === 'sha256'
    ? { id: 1, size: 32, mac: primitives.hmacSha256 }
    : { id: 3, size: 64, mac: platform.hmacSha512 };
}

/** RFC 5869 §2.2. */
export function extract(kdf: Kdf, salt: Uint8Array, material: Uint8Array): Uint8Array {
  return kdf.mac(salt.length === 0 ? new Uint8Array(kdf.size) : salt, material);
}

/** RFC 5869 §2.3. */
export function expand(kdf: Kdf, secret: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let at = 0, count = 1; at < length; at += kdf.size, count += 1) {
    block = kdf.mac(secret, concatBytes(block, info, Uint8Array.of(count)));
    out.set(block.subarray(0, Math.min(kdf.size, length - at)), at);
  }
  return out;
}

const version = encodeUtf8('HPKE-v1');

interface Extraction {
  readonly label: string;
  readonly salt: Uint8Array;
  readonly material: Uint8Array;
}

export function labeledExtract(
  kdf: Kdf,
  suite: Uint8Array,
  { label, salt, material }: Extraction,
): Uint8Array {
  return extract(kdf, salt, concatBytes(version, suite, encodeUtf8(label), material));
}

interface Expansion {
  readonly label: string;
  readonly secret: Uint8Array;
  readonly info: Uint8Array;
  readonly length: number;
}

export function labeledExpand(
  kdf: Kdf,
  suite: Uint8Array,
  { label, secret, info, length }: Expansion,
): Uint8Array {
  const head = Uint8Array.of(length >>> 8, length & 0xff);
  return expand(kdf, secret, concatBytes(head, version, suite, encodeUtf8(label), info), length);
}
