/** What we use of `noise-handshake` 4.2 and `noise-curve-ed` 2.1, which have no types. Written from their sources. */
import { createRequire } from 'node:module';

/** An Ed25519 key pair in libsodium's form: 32 and 64 bytes. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

export interface NoiseHandshake {
  readonly complete: boolean;
  /** The next three are set when complete. */
  readonly tx: Uint8Array;
  readonly rx: Uint8Array;
  readonly hash: Uint8Array;
  /** Our ephemeral key pair; made when it is first needed. Given only by test vectors. */
  e: KeyPair | null;
  /** The remote static key, once known. */
  readonly rs: Uint8Array;
  initialise(prologue: Uint8Array, remoteStatic?: Uint8Array): void;
  /** @throws anything, for any bytes that do not fit */
  recv(message: Uint8Array): Uint8Array;
  send(payload?: Uint8Array): Uint8Array;
}

type NoiseHandshakeConstructor = new (
  pattern: 'XK',
  initiator: boolean,
  own: KeyPair,
  options: { readonly curve: object },
) => NoiseHandshake;

const require = createRequire(import.meta.url);
export const noiseCurve: object = require('noise-curve-ed');
export const NoiseHandshake: NoiseHandshakeConstructor = require('noise-handshake');
