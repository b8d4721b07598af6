/** What we use of sodium-native 5 (libsodium 1.0.21): its published types are of version 2 and ask for Buffers. */
declare module 'sodium-native' {
  interface Sodium {
    crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
    crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
    crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
    crypto_stream_chacha20_ietf(out: Uint8Array, nonce: Uint8Array, key: Uint8Array): void;
    crypto_aead_chacha20poly1305_ietf_encrypt(
      out: Uint8Array,
      plaintext: Uint8Array,
      associated: Uint8Array | null,
      secretNonce: null,
      nonce: Uint8Array,
      key: Uint8Array,
    ): number;
    /** Throws when the tag does not fit. */
    crypto_aead_chacha20poly1305_ietf_decrypt(
      out: Uint8Array,
      secretNonce: null,
      sealed: Uint8Array,
      associated: Uint8Array | null,
      nonce: Uint8Array,
      key: Uint8Array,
    ): number;
    crypto_hash_sha256(out: Uint8Array, message: Uint8Array): void;
    crypto_pwhash(
      out: Uint8Array,
      password: Uint8Array,
      salt: Uint8Array,
      passes: number,
      memoryBytes: number,
      algorithm: number,
    ): void;
    readonly crypto_pwhash_ALG_ARGON2ID13: number;
    crypto_scalarmult(shared: Uint8Array, secretKey: Uint8Array, publicKey: Uint8Array): void;
    crypto_scalarmult_base(publicKey: Uint8Array, secretKey: Uint8Array): void;
    sodium_memcmp(left: Uint8Array, right: Uint8Array): boolean;
    sodium_memzero(bytes: Uint8Array): void;
  }
  const sodium: Sodium;
  // oxlint-disable-next-line import/no-default-export -- a CommonJS module
  export default sodium;
}
