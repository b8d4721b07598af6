/** A reader subscribes and unsubscribes; `done` answers both, and trims (spec/mail.md, "Subscribe", "Done"). */
import type { Done } from './done.ts';
import { encodeSubscribe, encodeUnsubscribe } from './subscribe.ts';
import {
  beginRequest,
  endRequest,
  unknownAnswer,
  violation,
  type ClientQueue,
  type ClientQueueStep,
} from './client-queue.ts';

/** Pushes that come before `done` belong to an earlier subscription. */
export function subscribeQueue(before: ClientQueue, from: number): ClientQueueStep {
  const { state, requestId } = beginRequest(before, { kind: 'subscribe', from });
  const bytes = encodeSubscribe({ route: state.route, requestId, from });
  return {
    state: { ...state, reader: { ...state.reader, expected: undefined } },
    effects: [{ kind: 'send', bytes }],
  };
}

/** Pushes that are on their way are no longer wanted. */
export function unsubscribeQueue(before: ClientQueue): ClientQueueStep {
  const { state, requestId } = beginRequest(before, { kind: 'unsubscribe' });
  const bytes = encodeUnsubscribe({ route: state.route, requestId });
  return {
    state: { ...state, reader: { ...state.reader, expected: undefined } },
    effects: [{ kind: 'send', bytes }],
  };
}

export function takeDone(before: ClientQueue, done: Done): ClientQueueStep {
  const { state, request } = endRequest(before, done.requestId);
  if (request === undefined) return unknownAnswer(before);
  const { first, next } = done;
  switch (request.kind) {
    case 'subscribe':
      return {
        state: { ...state, reader: { ...state.reader, expected: request.from } },
        effects: [{ kind: 'subscribed', first, next }],
      };
    case 'trim':
      return { state, effects: [{ kind: 'trimmed', first }] };
    case 'unsubscribe':
      return { state, effects: [] };
    case 'open':
    case 'fetch':
      return violation(state, 'answer', 'done', 'answers a subscribe, an unsubscribe or a trim');
  }
}
