/** SHA-256, HMAC and HKDF. libsodium is faster on short input (no object is made), OpenSSL on long. */
import { createHash, createHmac, hkdfSync } from 'node:crypto';
import sodium from 'sodium-native';

const SHORT_BYTES_MAX = 512;
const shortMemory = new Uint8Array(new ArrayBuffer(SHORT_BYTES_MAX));

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const digest = new Uint8Array(32);
  const only = parts[0];
  if (only !== undefined && parts.length === 1 && only.length <= SHORT_BYTES_MAX) {
    sodium.crypto_hash_sha256(digest, only);
    return digest;
  }
  const short = joinShort(parts);
  if (short !== undefined) {
    sodium.crypto_hash_sha256(digest, short);
    shortMemory.fill(0, 0, short.length);
    return digest;
  }
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  digest.set(hash.digest());
  return digest;
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
