/** SHA-256, HMAC and HKDF. libsodium is faster on short input (no object is made), OpenSSL on long. */
import { createHash, createHmac, hkdfSync } from 'node:crypto';
import sodium from 'sodium-native';

const SHORT_BYTES_MAX = 512;
/** Memory that stays out of V8's heap: see ciphers.ts. */
const shortMemory = new Uint8Array(new ArrayBuffer(SHORT_BYTES_MAX));
const digestMemory = new Uint8Array(new ArrayBuffer(32));

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const short = joinShort(parts);
  if (short !== undefined) {
    sodium.crypto_hash_sha256(digestMemory, short);
    const digest = digestMemory.slice();
    shortMemory.fill(0, 0, short.length);
    digestMemory.fill(0);
    return digest;
  }
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** Side by side in memory that is used again and wiped after each use; undefined when they are long. */
function joinShort(parts: readonly Uint8Array[]): Uint8Array | undefined {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length > SHORT_BYTES_MAX) return undefined;
  let at = 0;
  for (const part of parts) {
    shortMemory.set(part, at);
    at += part.length;
  }
  return shortMemory.subarray(0, length);
}

export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return new Uint8Array(hmac.digest());
}

export function hkdf(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  // Node allows at most 1,024 bytes of info; ours are short context strings.
  return new Uint8Array(hkdfSync('sha256', secret, salt, info, length));
}
