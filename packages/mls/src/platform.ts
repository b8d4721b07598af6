/**
 * What MLS and HPKE need of the platform beyond `Primitives`: X25519, ML-KEM-768 and the hashes of the X-Wing suite.
 * Node: `packages/node/src/mls-provider`. Synchronous; keys are raw bytes.
 */
export interface MlsPlatform {
  readonly sha512: (message: Uint8Array) => Uint8Array;
  readonly hmacSha512: (key: Uint8Array, message: Uint8Array) => Uint8Array;
  readonly sha3: (message: Uint8Array) => Uint8Array;
  readonly shake256: (message: Uint8Array, length: number) => Uint8Array;
  readonly x25519PublicKey: (secretKey: Uint8Array) => Uint8Array;
  /** RFC 7748. Undefined when the result is zero: the public key is of small order. */
  readonly x25519: (secretKey: Uint8Array, publicKey: Uint8Array) => Uint8Array | undefined;
  /** FIPS 203, from the 64-byte seed `d ‖ z`: 1,184 bytes. */
  readonly mlKem768PublicKey: (seed: Uint8Array) => Uint8Array;
  /** With the platform's own randomness. Undefined when the key fails the checks of FIPS 203 §7.2. */
  readonly mlKem768Encapsulate: (publicKey: Uint8Array) => Encapsulated | undefined;
  /** Undefined only for a wrong length: a wrong ciphertext gives a secret that nobody else has (implicit rejection). */
  readonly mlKem768Decapsulate: (seed: Uint8Array, ciphertext: Uint8Array) => Uint8Array | undefined;
}

export interface Encapsulated {
  readonly shared: Uint8Array;
  readonly ciphertext: Uint8Array;
}
