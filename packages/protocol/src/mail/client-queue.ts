/**
 * One queue as a client of one connection sees it (spec/mail-clients.md): what was asked, what is in flight,
 * where the subscription stands. Pure: inputs in, the new state and effects out; a transition a file. The runtime
 * keeps one of these for each queue of a connection and drops all of them when the connection ends, because what the
 * server has is asked again with `open`.
 *
 * A side (owner, reader) is used only after its `opened`; the runtime sends no input earlier.
 */
import type { Route } from '../brands.ts';
import type { MailErrorName } from '../codes.ts';
import type { Refusal } from '../errors.ts';
import type { Primitives } from '../primitives.ts';
import { requestIdAt, requestIdBytes } from './control-header.ts';
import type { Done } from './done.ts';
import type { MailError } from './error.ts';
import type { IntakeGrant } from './intake-token.ts';
import type { Opened, OpenRole, ServerIdentity } from './open.ts';
import type { Push } from './push.ts';
import type { Stored } from './stored.ts';

/** A request id as a key: one character a byte, not for display. */
export type RequestKey = string;

export type PendingRequest =
  | { readonly kind: 'open'; readonly role: OpenRole }
  | { readonly kind: 'subscribe'; readonly from: number }
  | { readonly kind: 'unsubscribe' }
  | { readonly kind: 'trim'; readonly upTo: number }
  | { readonly kind: 'fetch'; readonly from: number; readonly count: number; readonly tag: number };

export interface OwnerSide {
  readonly phase: 'closed' | 'opening' | 'open' | 'stopping';
  /** The server has everything below. */
  readonly stored: number;
  /** Frames sent and not answered, in order; the first has index `stored`. */
  readonly inFlight: readonly RequestKey[];
  /** After a refused frame: those sent behind it, which the server refuses one by one. */
  readonly abandoned: ReadonlySet<RequestKey>;
  readonly stopped: { readonly name: MailErrorName; readonly retryAfterMs: number } | undefined;
}

export interface ReaderSide {
  readonly phase: 'closed' | 'opening' | 'open';
  /** The index that the next push of the subscription brings. Undefined: not subscribed, or not yet answered. */
  readonly expected: number | undefined;
}

export interface ClientQueue {
  readonly route: Route;
  readonly requestCount: number;
  readonly pending: ReadonlyMap<RequestKey, PendingRequest>;
  readonly owner: OwnerSide;
  readonly reader: ReaderSide;
}

/** Frames as a server gave them: `frames[0]` has index `firstIndex`. */
export interface ServedFrames {
  readonly firstIndex: number;
  readonly frames: readonly Uint8Array[];
  /** Lowest index that the server still has. */
  readonly availableFirst: number;
  /** The index that the queue's next frame gets there. */
  readonly next: number;
}

export type ClientQueueInput =
  | {
      readonly kind: 'open';
      readonly role: OpenRole;
      readonly server: ServerIdentity;
      readonly primitives: Pick<Primitives, 'ed25519Sign'>;
      /** Of the role. */
      readonly seed: Uint8Array;
      readonly readerPublicKey: Uint8Array;
      readonly ownerPublicKey: Uint8Array;
      readonly base: number;
      readonly intakeDifficulty: number | undefined;
      /** Only to a server that has said that it takes them. */
      readonly intakeTokens?: readonly IntakeGrant[];
    }
  | { readonly kind: 'append'; readonly frames: readonly Uint8Array[] }
  | { readonly kind: 'trim'; readonly upTo: number }
  | { readonly kind: 'subscribe'; readonly from: number }
  | { readonly kind: 'unsubscribe' }
  | { readonly kind: 'fetch'; readonly from: number; readonly count: number; readonly tag: number }
  | { readonly kind: 'opened'; readonly answer: Opened }
  | { readonly kind: 'stored'; readonly answer: Stored }
  | { readonly kind: 'done'; readonly answer: Done }
  | { readonly kind: 'push'; readonly push: Push; readonly frames: readonly Uint8Array[] }
  | { readonly kind: 'error'; readonly answer: MailError };

export type ClientQueueEffect =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'opened';
      readonly role: OpenRole;
      readonly first: number;
      readonly next: number;
      readonly lastTag: Uint8Array | undefined;
    }
  /** The server has everything below `next` on disk. */
  | { readonly kind: 'acknowledged'; readonly next: number; readonly expiresMs: number }
  /** A frame was refused and everything in flight is answered: open again, not before `retryAfterMs`. */
  | { readonly kind: 'stopped'; readonly name: MailErrorName; readonly retryAfterMs: number }
  | { readonly kind: 'subscribed'; readonly first: number; readonly next: number }
  | { readonly kind: 'pushed'; readonly served: ServedFrames }
  | { readonly kind: 'fetched'; readonly tag: number; readonly served: ServedFrames }
  | { readonly kind: 'trimmed'; readonly first: number }
  | {
      readonly kind: 'refused';
      readonly request: PendingRequest;
      readonly name: MailErrorName;
      readonly retryAfterMs: number;
    }
  /** The answer belongs to nothing that was asked. */
  | { readonly kind: 'unknown-answer' }
  /** The server broke a rule: the connection is of no use. */
  | { readonly kind: 'violation'; readonly refusal: Refusal };

export interface ClientQueueStep {
  readonly state: ClientQueue;
  readonly effects: readonly ClientQueueEffect[];
}

/** `requestCount`: of requests that this connection made for the queue before: their ids are not used again. */
export function createClientQueue(route: Route, requestCount = 0): ClientQueue {
  return {
    route,
    requestCount,
    pending: new Map(),
    owner: { phase: 'closed', stored: 0, inFlight: [], abandoned: new Set(), stopped: undefined },
    reader: { phase: 'closed', expected: undefined },
  };
}

export function requestKey(bytes: Uint8Array, at: number = requestIdAt): RequestKey {
  let key = '';
  for (let index = at; index < at + requestIdBytes; index += 1) key += String.fromCharCode(bytes[index] ?? 0);
  return key;
}

/**
 * Request ids of control frames count up from generation 2^32 − 1, which no frame of a feed ever has, so they are
 * different from those of all appended frames.
 */
export function beginRequest(
  state: ClientQueue,
  request: PendingRequest,
): { readonly state: ClientQueue; readonly requestId: Uint8Array } {
  const requestId = new Uint8Array(requestIdBytes).fill(0xff, 0, 4);
  new DataView(requestId.buffer).setBigUint64(4, BigInt(state.requestCount + 1), true);
  const pending = new Map(state.pending).set(requestKey(requestId, 0), request);
  return { state: { ...state, requestCount: state.requestCount + 1, pending }, requestId };
}

/** The request that an answer belongs to, and the state without it. */
export function endRequest(
  state: ClientQueue,
  requestId: Uint8Array,
): { readonly state: ClientQueue; readonly request: PendingRequest | undefined } {
  const key = requestKey(requestId, 0);
  const request = state.pending.get(key);
  if (request === undefined) return { state, request };
  const pending = new Map(state.pending);
  pending.delete(key);
  return { state: { ...state, pending }, request };
}

export function violation(state: ClientQueue, code: string, where: string, rule: string): ClientQueueStep {
  return { state, effects: [{ kind: 'violation', refusal: { code, where, rule } }] };
}

export function unknownAnswer(state: ClientQueue): ClientQueueStep {
  return { state, effects: [{ kind: 'unknown-answer' }] };
}
