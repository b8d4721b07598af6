/**
 * ChaCha20 and ChaCha20-Poly1305 (RFC 8439): the chain step and the sealing of every frame. V8 keeps small arrays in its
 * own heap and moves them out when native code asks for their memory, which costs more than the cipher: keys pass
 * through memory that stays out, and is wiped after each use.
 */
import sodium from 'sodium-native';

const zeroNonce = new Uint8Array(new ArrayBuffer(12));
const keyMemory = new Uint8Array(new ArrayBuffer(32));
const blockMemory = new Uint8Array(new ArrayBuffer(64));
const KEY_BYTES = 32;
const TAG_BYTES = 16;

function takeKey(key: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes`);
  keyMemory.set(key);
}

export function chacha20Block(key: Uint8Array): Uint8Array {
  takeKey(key);
  sodium.crypto_stream_chacha20_ietf(blockMemory, zeroNonce, keyMemory);
  const block = blockMemory.slice();
  blockMemory.fill(0);
  keyMemory.fill(0);
  return block;
}

export function seal(
  out: Uint8Array,
  plaintext: Uint8Array,
  associated: Uint8Array,
  ...[nonce, key]: readonly [nonce: Uint8Array, key: Uint8Array]
): void {
  takeKey(key);
  sodium.crypto_aead_chacha20poly1305_ietf_encrypt(out, plaintext, associated, null, nonce, keyMemory);
  keyMemory.fill(0);
}

export function open(
  out: Uint8Array,
  sealed: Uint8Array,
  associated: Uint8Array,
  ...[nonce, key]: readonly [nonce: Uint8Array, key: Uint8Array]
): boolean {
  if (sealed.length < TAG_BYTES) return false;
  takeKey(key);
  try {
    sodium.crypto_aead_chacha20poly1305_ietf_decrypt(out, null, sealed, associated, nonce, keyMemory);
    return true;
  } catch (error) {
    // The binding tells a wrong tag and misuse apart only by the message; misuse is a bug of ours and must show.
    if (error instanceof Error && error.message === 'could not verify data') {
      out.fill(0);
      return false;
    }
    throw error;
  } finally {
    keyMemory.fill(0);
  }
}
