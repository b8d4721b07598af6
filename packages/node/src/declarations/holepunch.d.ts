/**
 * What we use of the Holepunch stack, which has no types of its own: `@hyperswarm/secret-stream` 6.9, `noise-handshake`
 * 4.2, `noise-curve-ed` 2.1, `hyperdht` 6.34 (on `dht-rpc` 6.27 and `udx-native` 1.21). Written from their sources;
 * what begins with an underscore is private there and pinned by the exact versions in package.json.
 */

declare module 'noise-curve-ed' {
  const curve: { readonly ALG: string };
  export default curve;
}

declare module 'noise-handshake' {
  export default class NoiseHandshake {
    constructor(
      pattern: 'XK' | 'IK',
      initiator: boolean,
      staticKeyPair: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array },
      options: { readonly curve: object },
    );
    readonly complete: boolean;
    /** Set when complete. */
    readonly tx: Uint8Array;
    readonly rx: Uint8Array;
    readonly hash: Uint8Array;
    /** The remote static key, once known. */
    readonly rs: Uint8Array;
    initialise(prologue: Uint8Array, remoteStatic?: Uint8Array): void;
    /** @throws anything, for any bytes that do not fit */
    recv(message: Uint8Array): Uint8Array;
    send(payload?: Uint8Array): Uint8Array;
  }
}

declare module '@hyperswarm/secret-stream' {
  export interface KeyPair {
    readonly publicKey: Uint8Array;
    readonly secretKey: Uint8Array;
  }

  /** A finished Noise handshake, as `opts.handshake`. */
  export interface FinishedHandshake {
    readonly tx: Uint8Array;
    readonly rx: Uint8Array;
    readonly hash: Uint8Array;
    readonly publicKey: Uint8Array;
    readonly remotePublicKey: Uint8Array;
  }

  export interface SecretStreamOptions {
    readonly publicKey?: Uint8Array;
    readonly remotePublicKey?: Uint8Array;
    readonly handshake?: FinishedHandshake;
    readonly autoStart?: boolean;
    /** ms between empty records when nothing else is sent. Makes the receiver drop empty records. */
    readonly keepAlive?: number;
    readonly enableSend?: boolean;
  }

  export default class NoiseSecretStream {
    constructor(initiator: boolean, rawStream: object | null, options?: SecretStreamOptions);
    static keyPair(seed?: Uint8Array): KeyPair;
    readonly isInitiator: boolean;
    readonly remotePublicKey: Uint8Array | null;
    readonly rawStream: { remoteHost?: string | null; rtt?: number } | null;
    readonly destroying: boolean;
    readonly destroyed: boolean;
    /** Resolves false when the stream was destroyed before the handshake was done. */
    readonly opened: Promise<boolean>;
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
    on(event: 'open' | 'connect' | 'drain' | 'end' | 'close', listener: () => void): this;
    once(event: 'data', listener: (bytes: Uint8Array) => void): this;
    once(event: 'open' | 'connect' | 'drain' | 'end' | 'close', listener: () => void): this;
    off(event: 'data', listener: (bytes: Uint8Array) => void): this;
    _onrawdata(bytes: Uint8Array): void;
  }
}
