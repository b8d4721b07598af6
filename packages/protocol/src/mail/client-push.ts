/**
 * Frames arrive: for the subscription, or as the answer to a fetch (spec/mail.md, "Push").
 *
 * The stream reader has checked that the frames have the push's route. Here: that they continue the subscription, or
 * belong to the fetch. A push that begins further on than expected is handed over as it is: the server has lost or
 * forgotten what was between, and another may have it. One that goes back is cut to what is new.
 */
import type { Push } from './push.ts';
import {
  endRequest,
  unknownAnswer,
  violation,
  type ClientQueue,
  type ClientQueueStep,
} from './client-queue.ts';

export function takePush(before: ClientQueue, push: Push, frames: readonly Uint8Array[]): ClientQueueStep {
  const { firstIndex, availableFirst, next } = push;
  if (push.requestId.every((byte) => byte === 0)) {
    const { expected } = before.reader;
    if (expected === undefined) return { state: before, effects: [] };
    const fresh = frames.slice(Math.max(0, expected - firstIndex));
    const freshFirst = Math.max(firstIndex, expected);
    const after = frames.length === 0 ? expected : Math.max(expected, firstIndex + frames.length);
    const served = { firstIndex: freshFirst, frames: fresh, availableFirst, next };
    return {
      state: { ...before, reader: { ...before.reader, expected: after } },
      effects: [{ kind: 'pushed', served }],
    };
  }
  const { state, request } = endRequest(before, push.requestId);
  if (request === undefined) return unknownAnswer(before);
  if (request.kind !== 'fetch')
    return violation(state, 'answer', 'push.request id', 'is zero or that of a fetch');
  if (frames.length > request.count)
    return violation(state, 'length', 'push.count', 'is at most what was fetched');
  if (frames.length > 0 && firstIndex < request.from) {
    return violation(state, 'range', 'push.first index', 'is not below what was fetched');
  }
  const served = { firstIndex, frames, availableFirst, next };
  return { state, effects: [{ kind: 'fetched', tag: request.tag, served }] };
}
