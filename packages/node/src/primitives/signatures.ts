/**
 * Ed25519 (RFC 8032), strict: S < L, canonical A and R, neither of small order, and the equation without
 * cofactor. libsodium 1.0.21 checks all of it; canonical encodings are checked here as well, so that the rule does
 * not rest on how a library was compiled. Every implementation must agree, else a log that one device accepts is
 * refused by the next.
 */
import sodium from 'sodium-native';

export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  const publicKey = new Uint8Array(32);
  const secretKey = new Uint8Array(64);
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
  sodium.sodium_memzero(secretKey);
  return publicKey;
}

export function ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
  const publicKey = new Uint8Array(32);
  const secretKey = new Uint8Array(64);
  const signature = new Uint8Array(64);
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
  sodium.crypto_sign_detached(signature, message, secretKey);
  sodium.sodium_memzero(secretKey);
  return signature;
}

/** RFC 8032 §5.1.3: y < 2^255 − 19, the top bit being the sign of x. */
function isCanonicalPoint(bytes: Uint8Array): boolean {
  if (((bytes[31] ?? 0) & 0x7f) !== 0x7f) return true;
  for (let at = 30; at > 0; at -= 1) if (bytes[at] !== 0xff) return true;
  return (bytes[0] ?? 0) < 0xed;
}

export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  if (!isCanonicalPoint(publicKey) || !isCanonicalPoint(signature.subarray(0, 32))) return false;
  return sodium.crypto_sign_verify_detached(signature, message, publicKey);
}
