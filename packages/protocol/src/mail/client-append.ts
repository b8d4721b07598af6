/**
 * The owner appends: the raw frames themselves, in order, at most `appendWindowFrames` unanswered (spec/mail-clients.md,
 * "Append"). `stored` is taken strictly in order: index and request id are those of the oldest frame in flight.
 */
import { assert } from '../errors.ts';
import { concatBytes } from '../bytes/compare.ts';
import { appendWindowFrames } from '../limits.ts';
import {
  requestKey,
  unknownAnswer,
  violation,
  type ClientQueue,
  type ClientQueueEffect,
  type ClientQueueStep,
} from './client-queue.ts';
import type { Stored } from './stored.ts';

/** How many frames may be appended now, and the index of the first of them. */
export function appendRoom(state: ClientQueue): { readonly from: number; readonly framesMax: number } {
  const { phase, stored, inFlight } = state.owner;
  const framesMax = phase === 'open' ? appendWindowFrames - inFlight.length : 0;
  return { from: stored + inFlight.length, framesMax };
}

export function appendFrames(state: ClientQueue, frames: readonly Uint8Array[]): ClientQueueStep {
  assert(frames.length <= appendRoom(state).framesMax, 'appends stay within the window');
  const inFlight = [...state.owner.inFlight, ...frames.map((frame) => requestKey(frame))];
  return {
    state: { ...state, owner: { ...state.owner, inFlight } },
    effects: [{ kind: 'send', bytes: concatBytes(...frames) }],
  };
}

export function takeStored(state: ClientQueue, answer: Stored): ClientQueueStep {
  const { owner } = state;
  const key = requestKey(answer.requestId, 0);
  const oldest = owner.inFlight[0];
  if (oldest !== key) {
    if (owner.abandoned.has(key) || owner.inFlight.includes(key)) {
      return violation(state, 'order', 'stored.request id', 'answers frames in the order of their indices');
    }
    return unknownAnswer(state);
  }
  if (answer.index !== owner.stored) {
    return violation(state, 'index', 'stored.index', 'is the index that the frame was sent for');
  }
  const stored = owner.stored + 1;
  const after = { ...state, owner: { ...owner, stored, inFlight: owner.inFlight.slice(1) } };
  return withStopped(after, [{ kind: 'acknowledged', next: stored, expiresMs: answer.expiresMs }]);
}

/** Says that appending has stopped, once the server has answered every frame. */
export function withStopped(state: ClientQueue, effects: readonly ClientQueueEffect[]): ClientQueueStep {
  const { stopped, inFlight, abandoned } = state.owner;
  if (stopped === undefined || inFlight.length > 0 || abandoned.size > 0) return { state, effects };
  return {
    state: { ...state, owner: { ...state.owner, phase: 'closed', stopped: undefined } },
    effects: [...effects, { kind: 'stopped', ...stopped }],
  };
}
