/**
 * What we use of `@hyperswarm/secret-stream` 6.9, which has no types. Written from its source; what begins with an
 * underscore is private there and held by the exact version in package.json.
 */
import { createRequire } from 'node:module';
import type { KeyPair } from './noise.ts';

/** A finished Noise handshake, to be handed to a stream. */
export interface FinishedHandshake {
  readonly tx: Uint8Array;
  readonly rx: Uint8Array;
  readonly hash: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly remotePublicKey: Uint8Array;
}

export interface SecretStreamOptions {
  readonly handshake?: FinishedHandshake;
  readonly autoStart?: boolean;
  /** ms between empty records when nothing else is sent. Makes the receiver drop empty records. */
  readonly keepAlive?: number;
  /** False: datagrams beside the stream are not listened for. */
  readonly enableSend?: boolean;
}

export interface NoiseSecretStream {
  readonly isInitiator: boolean;
  readonly remotePublicKey: Uint8Array | null;
  /** Of a stream over UDP: where the other end is, once it is known. */
  readonly rawStream: { readonly remoteHost?: string | null } | null;
  readonly destroying: boolean;
  readonly destroyed: boolean;
  /** Room for the next record; encrypted in place when it is what is written next. */
  alloc(length: number): Uint8Array;
  /** False above 16 KiB queued; `drain` follows. */
  write(record: Uint8Array): boolean;
  end(): void;
  destroy(error?: Error): void;
  pause(): void;
  resume(): void;
  setKeepAlive(ms: number): void;
  /** Destroys the stream after so many ms without any byte; 0 turns it off. */
  setTimeout(ms: number): void;
  on(event: 'data', listener: (bytes: Uint8Array) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'open' | 'drain' | 'end' | 'close', listener: () => void): this;
  once(event: 'data', listener: (bytes: Uint8Array) => void): this;
  once(event: 'open' | 'drain' | 'end' | 'close', listener: () => void): this;
  off(event: 'data', listener: (bytes: Uint8Array) => void): this;
  off(event: 'open' | 'drain' | 'end' | 'close', listener: () => void): this;
  _onrawdata(bytes: Uint8Array): void;
}

interface NoiseSecretStreamConstructor {
  new (initiator: boolean, rawStream: object | null, options?: SecretStreamOptions): NoiseSecretStream;
  keyPair(seed?: Uint8Array): KeyPair;
}

const require = createRequire(import.meta.url);
export const NoiseSecretStream: NoiseSecretStreamConstructor = require('@hyperswarm/secret-stream');
