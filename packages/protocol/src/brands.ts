/** Names for byte strings that must not be confused with one another. A brand costs nothing at run time. */
declare const brand: unique symbol;
type Branded<Name extends string> = Uint8Array & { readonly [brand]: Name };

/** 32 bytes computed from an address alone (spec/identity.md). Proves nothing. */
export type UserId = Branded<'UserId'>;
/** 32 bytes: hash of the account's `create` entry. Never changes, whatever the keys do (spec/identity.md). */
export type AccountId = Branded<'AccountId'>;
/** Ed25519 public key of an account: signs account log entries only. */
export type AccountKey = Branded<'AccountKey'>;
/** Ed25519 public key of a device: MLS leaf, cards, membership operations. */
export type DeviceKey = Branded<'DeviceKey'>;
/** Ed25519 public key of an installation's links. In no public record beside an account. */
export type TransportKey = Branded<'TransportKey'>;
/** 16 bytes: a queue. `SHA-256(reader key ‖ owner key)`, first 16 bytes (spec/mail.md). */
export type Route = Branded<'Route'>;
/** 32 bytes: a conversation (spec/membership.md). */
export type ConversationId = Branded<'ConversationId'>;
/** 32 bytes: what one device says in one conversation (spec/feeds.md). */
export type FeedId = Branded<'FeedId'>;

/**
 * Where an installation can be dialled: text form `KEY@HOST:PORT` (one port number for TCP and UDP), `KEY@ws://HOST:PORT`
 * or `KEY@wss://HOST:PORT` for its WebSocket, or `KEY` alone when only a look-up can tell. KEY is the transport key in
 * z-base-32 (52 characters).
 */
export interface PeerAddress {
  readonly key: TransportKey;
  readonly endpoint?: PeerEndpoint | undefined;
}

export interface PeerEndpoint {
  readonly host: string;
  readonly port: number;
  /** Left out: TCP and UDP. */
  readonly over?: WebSocketScheme | undefined;
}

/** `wss`: inside TLS. */
export type WebSocketScheme = 'ws' | 'wss';
