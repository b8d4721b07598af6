/**
 * The side of the mail protocol that serves, as a machine for one connection (spec/mail.md, "Serving"): what it
 * remembers, what it is told, what it asks for. A relay and a device that takes direct appends run the same one; what
 * differs is who performs the effects.
 *
 * Requests to the backend travel as values that the backend hands back with the outcome, so the machine keeps no list
 * of what is under way. For one connection, effects take effect in the order in which they were given.
 */
import type { MailErrorName } from '../codes.ts';
import type { Primitives } from '../primitives.ts';
import type { ControlHeader } from './control-header.ts';
import type { DirectoryFindings, LookUp, Publish } from './directory.ts';
import type { Fetch } from './fetch.ts';
import type { Intake } from './intake.ts';
import type { Open, ServerIdentity } from './open.ts';
import type { RouteMap } from './route-map.ts';
import type { Splice } from './splice.ts';
import type { Status, StatusReport } from './status.ts';
import type { MailStream } from './stream.ts';
import type { Subscribe } from './subscribe.ts';
import type { TokenBucket, TokenRate } from './token-bucket.ts';
import type { Trim } from './trim.ts';

export type ServerPrimitives = Pick<Primitives, 'sha256' | 'ed25519Verify' | 'equal'>;

export interface ServerLimits {
  /** Queues that one connection may have open, each role counted. */
  readonly opensMax: number;
  /** Bytes of requests (appends, opens, trims) that wait for the disk. Above, nothing more is read from the connection. */
  readonly pendingBytesMax: number;
  /** Reads for subscriptions under way at once. */
  readonly readsMax: number;
  /** About how many bytes one read brings, or news are pushed at once: with `readsMax`, what a slow reader can make us hold. */
  readonly readBytesMax: number;
  /** Work that a connection may cause: an appended frame is 1, see `requestCosts`. */
  readonly rate: TokenRate;
  /** Told in `hello`. */
  readonly retentionSeconds: number;
  readonly queueFramesMax: number;
  /** The directory is asked for others: told in `hello`. */
  readonly directory?: boolean;
  /** Links of two others are joined here. */
  readonly splices?: boolean;
  /** Intake tokens are taken: told in `hello`. Who sends them unasked breaks the layout of a server that knows none. */
  readonly intakeTokens?: boolean;
  /** The store answers before it has synced: told in `hello`, too. */
  readonly replicatedOnly?: boolean;
}

/** What requests take from the bucket, where an appended frame takes 1. An `open` costs a signature check, `intake` 4 KiB and a hash of them. */
export const requestCosts = { append: 1, intake: 16, open: 32, seek: 200, other: 2 } as const;

export interface OwnedSession {
  /** Index that the next appended frame gets. */
  readonly next: number;
  /** Why appends are refused until the queue is opened again. */
  readonly closed: 'superseded' | 'out-of-order' | undefined;
}

export interface Subscription {
  /** Tells this subscription from one that it replaced. */
  readonly id: number;
  readonly route: Uint8Array;
  /** The next index to push. */
  readonly cursor: number;
  /** Where the queue stands, as far as we were told. */
  readonly first: number;
  readonly next: number;
  /** A read for it is under way. */
  readonly reading: boolean;
}

export interface ServerState {
  readonly phase: 'greeting' | 'serving' | 'closed';
  readonly stream: MailStream;
  readonly identity: ServerIdentity;
  readonly limits: ServerLimits;
  /** By route key. */
  readonly owned: RouteMap<OwnedSession>;
  readonly readable: RouteMap<true>;
  readonly subscriptions: RouteMap<Subscription>;
  /** Of `subscriptions`, those that lack something and are not read for. */
  readonly behind: RouteMap<true>;
  /** The one that was read for last: the others have their turn before it has the next. */
  readonly readLast: string;
  readonly nextSubscriptionId: number;
  readonly readsUnderWay: number;
  /** Fetches that nobody has begun to read for. */
  readonly fetches: readonly Fetch[];
  /** The directory has been asked, and has not answered. */
  readonly seeksUnderWay: number;
  /** A read for a fetch is under way. */
  readonly fetching: boolean;
  /** Appended frames, opens and trims that wait for the disk, in bytes of the requests. */
  readonly pendingBytes: number;
  readonly bucket: TokenBucket;
  /** The link takes no more for now. */
  readonly blocked: boolean;
  /** We have asked the link to bring no more. */
  readonly paused: boolean;
}

export interface ServerAppend {
  readonly route: Uint8Array;
  /** Undefined: an intake frame. */
  readonly index: number | undefined;
  readonly frame: Uint8Array;
}

export type ServerAppendOutcome =
  | { readonly kind: 'stored'; readonly index: number; readonly expiresMs: number }
  | { readonly kind: 'refused'; readonly name: MailErrorName; readonly retryAfterMs: number };

export interface QueueBounds {
  readonly first: number;
  readonly next: number;
}

export interface OpenedBounds extends QueueBounds {
  /** Of the frame at next − 1, when it is known. */
  readonly lastTag?: Uint8Array | undefined;
}

export type ServerOutcome<T> =
  | ({ readonly kind: 'ok' } & T)
  | { readonly kind: 'refused'; readonly name: MailErrorName; readonly retryAfterMs?: number };

/** For a subscription, or for a `fetch`. */
export interface ServerRead {
  readonly route: Uint8Array;
  readonly from: number;
  readonly framesMax: number;
  readonly bytesMax: number;
  readonly reason:
    | { readonly kind: 'subscription'; readonly id: number }
    | { readonly kind: 'fetch'; readonly fetch: Fetch };
}

/** Frames in order of index; a hole between them is one in the store. */
export interface IndexedFrame {
  readonly index: number;
  readonly frame: Uint8Array;
}

export interface GrownQueue {
  readonly route: Uint8Array;
  readonly bounds: QueueBounds;
  /** Its last frames, with consecutive indices up to `bounds.next`. */
  readonly frames: readonly Uint8Array[];
}

export type ServerInput =
  | {
      readonly kind: 'bytes';
      readonly bytes: Uint8Array;
      readonly nowMs: number;
      readonly monotonicMs: number;
    }
  /** A time asked for by `wake` has come. */
  | { readonly kind: 'woken'; readonly monotonicMs: number }
  /** The link says that it is full, and that it has room again. */
  | { readonly kind: 'blocked' }
  | { readonly kind: 'drained' }
  | { readonly kind: 'opened'; readonly open: Open; readonly outcome: ServerOutcome<OpenedBounds> }
  | {
      readonly kind: 'appended';
      readonly results: readonly { readonly append: ServerAppend; readonly outcome: ServerAppendOutcome }[];
    }
  /** Difficulty undefined: no queue that takes intake frames. */
  | {
      readonly kind: 'difficulty';
      readonly intake: Intake;
      readonly frame: Uint8Array;
      readonly difficulty: number | undefined;
      readonly nowMs: number;
    }
  /** Of a frame with a token, in the place of `difficulty`: it is good. */
  | { readonly kind: 'token-holds'; readonly intake: Intake; readonly frame: Uint8Array }
  /** In the place of both: too many strangers, or no such token. */
  | {
      readonly kind: 'intake-refused';
      readonly intake: Intake;
      readonly frame: Uint8Array;
      readonly name: MailErrorName;
      readonly retryAfterMs: number;
    }
  | { readonly kind: 'watched'; readonly subscribe: Subscribe; readonly bounds: QueueBounds }
  | {
      readonly kind: 'read';
      readonly read: ServerRead;
      readonly bounds: QueueBounds;
      readonly frames: readonly IndexedFrame[];
    }
  /** The disk failed under a fetch. Reads for subscriptions are tried again by who performs them. */
  | { readonly kind: 'fetch-failed'; readonly fetch: Fetch }
  /** Watched queues have grown. */
  | { readonly kind: 'grown'; readonly queues: readonly GrownQueue[] }
  | { readonly kind: 'trimmed'; readonly trim: Trim; readonly outcome: ServerOutcome<QueueBounds> }
  | {
      readonly kind: 'reported';
      readonly status: Status;
      readonly report: Omit<StatusReport, 'kind' | 'route' | 'requestId' | 'version'>;
    }
  /** To `seek` and to `publish`. */
  | {
      readonly kind: 'directory';
      readonly request: ControlHeader;
      readonly outcome: ServerOutcome<DirectoryFindings>;
    }
  | { readonly kind: 'superseded'; readonly route: Uint8Array }
  /** We stop: say so and close. */
  | { readonly kind: 'stop' };

export type ServerEffect =
  /** Parts to write one after the other. */
  | { readonly kind: 'send'; readonly parts: readonly Uint8Array[] }
  /** Answered by `opened`. An owner's supersedes the queue's owner on any other connection. */
  | { readonly kind: 'open'; readonly open: Open }
  /** Answered by `appended`, in one or in several. Frames are views of the bytes that came in. */
  | { readonly kind: 'append'; readonly appends: readonly ServerAppend[] }
  /** Answered by `difficulty`, `token-holds` or `intake-refused`. */
  | { readonly kind: 'look-up'; readonly intake: Intake; readonly frame: Uint8Array }
  /** Answered by `watched`; from then on `grown` tells. */
  | { readonly kind: 'watch'; readonly subscribe: Subscribe }
  | { readonly kind: 'unwatch'; readonly route: Uint8Array }
  /** Answered by `read`. */
  | { readonly kind: 'read'; readonly read: ServerRead }
  /** Answered by `trimmed`. */
  | { readonly kind: 'trim'; readonly trim: Trim }
  /** Answered by `directory`, as `publish` is. */
  | { readonly kind: 'seek'; readonly lookUp: LookUp }
  | { readonly kind: 'publish'; readonly publish: Publish }
  /** The client may be called here: tell it when it is. */
  | { readonly kind: 'attend' }
  /** The link is to be joined with another one; nothing on it is mail from now on. */
  | { readonly kind: 'splice'; readonly splice: Splice }
  /** Answered by `reported`. */
  | { readonly kind: 'report'; readonly status: Status }
  /** Bring no more bytes, and bring them again. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** Answer with `woken` at this time. */
  | { readonly kind: 'wake'; readonly monotonicMs: number }
  /** After what was sent. `reason` is for logs. */
  | { readonly kind: 'close'; readonly reason: string };

export interface ServerStep {
  readonly state: ServerState;
  readonly effects: readonly ServerEffect[];
}
