/**
 * Links between transport keys, whatever carries them. Every link is authenticated and encrypted end to end
 * (Noise, `@hyperswarm/secret-stream`) before it is handed over; a stream of bytes in order, no message bounds.
 */
import type { PeerAddress, PeerEndpoint, TransportKey } from '@mycelium/protocol';
import type { Cancellation } from './cancellation.ts';

/** How a link travels, nearest first. */
export type PathKind = 'memory' | 'unix' | 'tcp' | 'udp' | 'websocket' | 'relayed';

/** One way to a peer: what exactly would be dialled. */
export interface Path {
  readonly kind: PathKind;
  readonly key: TransportKey;
  /** Where: one for TCP and WebSockets; for UDP every hint there is, perhaps none. */
  readonly endpoints: readonly PeerEndpoint[];
  /** `relayed`: through this relay, which joins two links and sees nothing of what goes over them. */
  readonly via?: PeerAddress;
}

export interface Link {
  readonly remoteKey: TransportKey;
  readonly path: PathKind;
  /**
   * Who is charged for what comes over it, where strangers need bounds: an IPv4 address, or the first 64 bits of an IPv6
   * one. Undefined for this machine, and where the other end is one of our choice.
   */
  readonly source?: string | undefined;
  /** True when we dialled. */
  readonly initiator: boolean;
  /**
   * Queues bytes. Everything written in one turn of the event loop leaves in one write. False: the peer is
   * slower than we are; hold back until `onDrain`.
   */
  write(batch: Uint8Array): boolean;
  /** Handlers are set once, before the turn in which the link was handed over ends. */
  onBytes(receive: (bytes: Uint8Array) => void): void;
  onDrain(drained: () => void): void;
  /** Called once, whatever ended it. `reason` is for people and never holds secrets. */
  onClose(closed: (reason: string) => void): void;
  /** Backpressure for what we receive. */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface Transport {
  readonly key: TransportKey;
  /** Where others reach us. Empty when only dialling. Known after `listen`. */
  readonly addresses: readonly PeerAddress[];
  /** Hands over every link that others open. */
  listen(accept: (link: Link) => void): Promise<void>;
  /**
   * Opens a link to exactly this key, over the nearest path that works; a peer that proves another key is refused.
   * @throws TransportError `unreachable`, `wrong-key`, `aborted`
   */
  dial(peer: PeerAddress, signal: Cancellation): Promise<Link>;
  /**
   * The ways to one key that could be tried now, nearest first. `addresses`: all that is known of it; `through`:
   * relays at which it may be called.
   */
  paths(addresses: readonly PeerAddress[], through?: readonly PeerAddress[]): readonly Path[];
  /** The same as `dial`, over exactly this path. */
  dialPath(path: Path, signal: Cancellation): Promise<Link>;
  /** The relay at the other end of this path says that somebody calls us there: the link is handed over as others are. */
  answerSummons(relay: Path, ticket: Uint8Array): void;
  /** Calls `changed` when `paths` may answer something new: another network, somebody heard nearby. */
  onChange(changed: () => void): void;
  close(): Promise<void>;
}

export type TransportErrorCode = 'unreachable' | 'wrong-key' | 'aborted' | 'address-in-use' | 'closed';

export class TransportError extends Error {
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransportError';
    this.code = code;
  }
}
