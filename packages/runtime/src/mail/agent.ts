/**
 * What a client asks of the mail layer, and what it hears back. The agent keeps links to every peer that its
 * queues name, opens the queues, appends in order from where each peer is, follows, reconnects with jitter for ever.
 * The same for relays and for devices reached directly: both answer the mail protocol (spec/mail.md).
 *
 * The order number of a frame in its queue (`index`) is the same at every peer, because only the owner appends
 * and always in order. So "what does this peer lack" is one number, and duplicates are known by it.
 */
import type { DirectoryFindings, InviteToken, PeerAddress, Refusal, Route } from '@mycelium/protocol';
import type { Cancellation } from '../ports/cancellation.ts';
import type { PathView } from '../paths/view.ts';
import type { Link, PathKind } from '../ports/transport.ts';

/** The two Ed25519 seeds behind a route. A reader who is not the owner has only the owner's public key. */
export interface QueueKeys {
  readonly route: Route;
  readonly readerSeed: Uint8Array;
  readonly ownerPublicKey: Uint8Array;
}

export interface OwnedQueue extends QueueKeys {
  readonly ownerSeed: Uint8Array;
  /** Relays that hold it, and devices that are its readers when direct delivery is allowed. */
  readonly peers: readonly PeerAddress[];
  /** Relays at which those of `peers` that are devices may be called. */
  readonly through?: readonly PeerAddress[];
  /** Index of the oldest frame still in our store. A peer that has never seen the queue starts here. */
  readonly base: number;
  /** Index that the next frame of ours will get: what our store has sealed so far. */
  readonly next: number;
}

export interface FollowedQueue extends QueueKeys {
  /** Relays to ask. Direct appends are taken from anybody who proves the owner key, whether listed or not. */
  readonly peers: readonly PeerAddress[];
  /** The first index we do not have on disk. */
  readonly from: number;
}

/** An intake queue of ours: public, so the agent opens it as both. */
export interface IntakeQueue extends QueueKeys {
  readonly ownerSeed: Uint8Array;
  readonly peers: readonly PeerAddress[];
  readonly difficulty: number;
  /** Who was given one of these comes without a stamp. At most 48. */
  readonly tokens: readonly IntakeAdmission[];
  /** Zero: which frames are new is known at each peer, where they are trimmed. */
  readonly from: number;
}

/** A token of an invite of ours (spec/mail.md, "Tokens"). */
export interface IntakeAdmission {
  readonly token: InviteToken;
  /** Frames that it is good for in all. */
  readonly frames: number;
  /** ms; 0: never. */
  readonly expiresMs: number;
}

/** An intake frame that goes by a token: made for each relay, because each knows the token by keys of its own. */
export interface TokenSubmission {
  readonly route: Route;
  readonly token: InviteToken;
  readonly timeMs: number;
  readonly sealed: Uint8Array;
}

export interface PeerView {
  readonly peer: PeerAddress;
  readonly state: 'connecting' | 'connected' | 'waiting';
  readonly path: PathKind | undefined;
  readonly rttMs: number | undefined;
  /** Why it is not connected, or why this path: a sentence for people. */
  readonly note: string;
  readonly direction: 'in' | 'out';
  /** Every path that is known, in the order in which they are tried. None for a link that the peer opened. */
  readonly paths: readonly PathView[];
}

/** What a peer says of itself, and how far away it is. */
export interface PeerReport {
  readonly rttMs: number;
  /** How full its store is, 0 to 100. */
  readonly loadPercent: number;
  readonly queues: number;
  /** It keeps queues of others: it is a relay. */
  readonly keepsMail: boolean;
}

export interface AheadClaim {
  readonly next: number;
  /** Of the frame at `next` − 1, as the peer tells it. Undefined: it does not have it any more. */
  readonly lastTag: Uint8Array | undefined;
  /** How long the peer keeps frames. */
  readonly retentionMs: number;
}

/** The newest frame of a followed queue that is on disk. */
export interface LastTaken {
  /** Its index and one. */
  readonly next: number;
  readonly tag: Uint8Array;
}

/** What a peer says of itself in its hello. */
export interface PeerPromise {
  /** What it calls stored is not yet on a disk: it does not count as *stored* (spec/mail.md, "Hello"). */
  readonly replicatedOnly: boolean;
}

/** How the client answers the agent. Implementations persist before the promise resolves. */
export interface MailHandler {
  /** A link to the peer is there. Comes before anything that it acknowledges. */
  greeted?(peer: PeerAddress, promise: PeerPromise): void;
  /** Sealed frames of an owned queue, in order from `from` on; fewer when there are no more. */
  framesToSend(route: Route, from: number, framesMax: number): readonly Uint8Array[];
  /** `peer` has everything below `next` on disk. Less than before: it has lost the queue and gets it again. */
  acknowledged(route: Route, peer: PeerAddress, next: number): Promise<void>;
  /**
   * `peer` has frames of our own queue that are not ours, or more than we ever sealed: this store is an old copy, a clone
   * is at work, or the peer lies. Resolves when that is settled: unless the queue was left, it is appended to from `next`
   * on. Rejects while nothing proves it: the peer gets nothing of this queue, and is asked again later.
   */
  ahead(route: Route, peer: PeerAddress, claim: AheadClaim): Promise<void>;
  /**
   * Frames of a followed queue, `frames[0]` at `firstIndex`; never below what we have, never with a hole inside.
   * Resolves with the index we want next once all of it is on disk: only then is *stored* answered to a direct sender.
   * A frame that does not open is not the owner's: resolve with its index, and the agent asks other peers for it.
   * A rejection (the disk is full) loses nothing: the same frames come again after a while.
   */
  received(
    route: Route,
    firstIndex: number,
    frames: readonly Uint8Array[],
    from: PeerAddress,
  ): Promise<number>;
  /** Undefined: none yet. */
  lastTaken(route: Route): LastTaken | undefined;
  /** Nobody asked has anything between what we want and `first`: it expired or was trimmed. Resolves with the index wanted next. */
  missing(route: Route, first: number): Promise<number>;
  /**
   * An intake frame (4,096 bytes) of our intake queue. `index` is that peer's own; the same frame may come from several
   * peers. Trimmed there once this resolved.
   */
  intake(route: Route, index: number, frame: Uint8Array): Promise<void>;
  /** A queue of ours was refused, or a peer broke a rule. */
  refused(route: Route | undefined, peer: PeerAddress, refusal: Refusal): void;
  /** Connected, lost, path changed. */
  peersChanged(): void;
}

export type SubmitOutcome =
  | { readonly kind: 'stored'; readonly expiresMs: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly stampBits?: number }
  | { readonly kind: 'unreachable' };

/** What a relay says of the directory. */
export type DirectoryAnswer = DirectoryFindings;

/** A claim record that a relay publishes, and again until it expires. */
export interface RelayedRecord {
  /** A queue of ours that the relay keeps. */
  readonly route: Route;
  readonly record: Uint8Array;
  /** At once, and not only when it is time for it again. */
  readonly now: boolean;
}

export interface MailAgent {
  /** First of all; everything else comes after. */
  start(handler: MailHandler): void;
  /** A link that somebody else opened, from `Transport.listen`, in the turn in which it was handed over. */
  accept(link: Link): void;
  /** Declares or replaces an owned queue. Idempotent. */
  own(queue: OwnedQueue): void;
  /** More frames of an owned queue are in the store: `next` grew. */
  wake(route: Route, next: number): void;
  follow(queue: FollowedQueue): void;
  keepIntake(queue: IntakeQueue): void;
  /** Stops owning, following or keeping it. Peers are told nothing. */
  leave(route: Route): void;
  /** Every reader has confirmed everything below `upTo`: peers may forget it. */
  trim(route: Route, upTo: number): void;
  /**
   * Reads a queue once, from its start to its end, at the first peer that has it: for cards.
   * The frames are as the peer gave them; the caller opens and verifies.
   */
  readOnce(
    queue: QueueKeys,
    peers: readonly PeerAddress[],
    signal: Cancellation,
  ): Promise<
    | { readonly kind: 'read'; readonly first: number; readonly frames: readonly Uint8Array[] }
    | { readonly kind: 'unreachable' }
    | { readonly kind: 'refused'; readonly refusal: Refusal }
  >;
  /** Appends one stamped intake frame (4,096 bytes, spec/mail.md) to a stranger's intake queue. */
  submit(frame: Uint8Array, peers: readonly PeerAddress[], signal: Cancellation): Promise<SubmitOutcome>;
  /** The same with a token in the place of the stamp: refused with `token` by peers that know none, or not this one. */
  submitWithToken(
    submission: TokenSubmission,
    peers: readonly PeerAddress[],
    signal: Cancellation,
  ): Promise<SubmitOutcome>;
  /** Asks the directory through relays (spec/mail.md, "Directory"). None: no relay that offers it could be reached. */
  lookUp(
    locator: Uint8Array,
    peers: readonly PeerAddress[],
    signal: Cancellation,
  ): Promise<readonly DirectoryAnswer[]>;
  /** Gives a record to relays that own the queue for us. */
  publish(
    record: RelayedRecord,
    peers: readonly PeerAddress[],
    signal: Cancellation,
  ): Promise<readonly DirectoryAnswer[]>;
  /** Asks a peer how it is, over a link of its own where there is none. Undefined: it cannot be reached. */
  meet(peer: PeerAddress, signal: Cancellation): Promise<PeerReport | undefined>;
  peers(): readonly PeerView[];
  stop(): Promise<void>;
}
