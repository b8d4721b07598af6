/**
 * The cryptographic primitives that protocol code is given as a value. One strict implementation for each
 * platform (Node: `packages/node/src/primitives`), checked by the conformance suite with Wycheproof and CCTV.
 * Synchronous and free of state: randomness comes in as bytes. What is asynchronous (MLS, HPKE) is behind
 * `KeyAgreement` instead.
 */

// oxlint-disable max-params -- the argument lists of the RFCs; an object for each frame would cost more than the step
export interface Primitives {
  /** SHA-256 over the concatenation of `parts`: 32 bytes. FIPS 180-4. */
  readonly sha256: (...parts: readonly Uint8Array[]) => Uint8Array;
  /** HMAC-SHA-256: 32 bytes. RFC 2104. */
  readonly hmacSha256: (key: Uint8Array, ...parts: readonly Uint8Array[]) => Uint8Array;
  /** HKDF-SHA-256, extract and expand, at most 8,160 bytes. RFC 5869. `info` is a context string of its own for each use. */
  readonly hkdf: (secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number) => Uint8Array;
  /** Ed25519 public key (32) of a seed (32). RFC 8032. */
  readonly ed25519PublicKey: (seed: Uint8Array) => Uint8Array;
  /** Ed25519 signature (64). `message` begins with a context string of its own: see `signedBytes`. */
  readonly ed25519Sign: (seed: Uint8Array, message: Uint8Array) => Uint8Array;
  /**
   * The one strict verification: refuses S ≥ L, non-canonical encodings of A and R, and small-order A and R.
   * Never throws; lengths other than 32 and 64 are false.
   */
  readonly ed25519Verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
  /** One ChaCha20 block (64 bytes), nonce zero, counter zero, of a 32-byte key: the chain step. RFC 8439 §2.3. */
  readonly chacha20Block: (key: Uint8Array) => Uint8Array;
  /**
   * ChaCha20-Poly1305 (RFC 8439). Writes ciphertext and 16-byte tag to `out`, which is `plaintext.length + 16`
   * long; `out` and `plaintext` may share memory at the same start.
   */
  readonly seal: (
    out: Uint8Array,
    plaintext: Uint8Array,
    associated: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ) => void;
  /** False when the tag does not fit; `out` (`sealed.length - 16`) is then zero. */
  readonly open: (
    out: Uint8Array,
    sealed: Uint8Array,
    associated: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ) => boolean;
  /** Runs of frames of one chain. `createPlainFrameCipher` makes one from the three above. */
  readonly frames: FrameCipher;
  /** Argon2id v1.3, p=1. RFC 9106. Blocks for some 100 ms: only for recovery phrases and passphrases. */
  readonly argon2id: (
    password: Uint8Array,
    salt: Uint8Array,
    memoryBytes: number,
    passes: number,
    length: number,
  ) => Uint8Array;
  /** Constant-time equality; false for different lengths. */
  readonly equal: (left: Uint8Array, right: Uint8Array) => boolean;
  /** Overwrites secrets with zeros. */
  readonly wipe: (...secrets: readonly Uint8Array[]) => void;
}

/**
 * Frames of one chain, in order, sealed or opened in place (spec/feeds.md, "Keys"): for each frame a step of the chain, then
 * ChaCha20-Poly1305 under its message key; bytes 20-31 are the nonce, 0-31 the associated data. Keys that it makes on the way
 * are wiped before it answers.
 */
export interface FrameCipher {
  /**
   * A run stands here: whole frames one after the other from 0 on, their headers checked or written. Who puts one
   * here wipes it, and lets nothing else happen in between.
   */
  readonly memory: Uint8Array;
  /** Over the same bytes. */
  readonly view: DataView;
  /** Seals the frames up to `end`. `chainKey` becomes that of the generation after them. */
  readonly seal: (chainKey: Uint8Array, end: number) => void;
  /**
   * Opens frames up to `end`, or up to the first whose tag does not fit, and answers where it stopped. What stands before is open,
   * the rest of no use; `chainKey` becomes that of the generation of the frame there.
   */
  readonly open: (chainKey: Uint8Array, end: number) => number;
}
