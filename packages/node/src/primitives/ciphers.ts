/** ChaCha20 and ChaCha20-Poly1305 (RFC 8439): the chain step and the sealing of every frame. */
import sodium from 'sodium-native';

const zeroNonce = new Uint8Array(12);
const TAG_BYTES = 16;

export function chacha20Block(key: Uint8Array): Uint8Array {
  const block = new Uint8Array(64);
  sodium.crypto_stream_chacha20_ietf(block, zeroNonce, key);
  return block;
}

export function seal(
  out: Uint8Array,
  plaintext: Uint8Array,
  associated: Uint8Array,
  ...[nonce, key]: readonly [nonce: Uint8Array, key: Uint8Array]
): void {
  sodium.crypto_aead_chacha20poly1305_ietf_encrypt(out, plaintext, associated, null, nonce, key);
}

export function open(
  out: Uint8Array,
  sealed: Uint8Array,
  associated: Uint8Array,
  ...[nonce, key]: readonly [nonce: Uint8Array, key: Uint8Array]
): boolean {
  if (sealed.length < TAG_BYTES) return false;
  try {
    sodium.crypto_aead_chacha20poly1305_ietf_decrypt(out, null, sealed, associated, nonce, key);
    return true;
  } catch (error) {
    // The binding tells a wrong tag and misuse apart only by the message; misuse is a bug of ours and must show.
    if (error instanceof Error && error.message === 'could not verify data') {
      out.fill(0);
      return false;
    }
    throw error;
  }
}
