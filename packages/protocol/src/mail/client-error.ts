/** A request was refused (spec/mail.md, "Errors"): one of ours, or an appended frame and with it all behind it. */
import type { MailError } from './error.ts';
import { withStopped } from './client-append.ts';
import {
  endRequest,
  requestKey,
  unknownAnswer,
  type ClientQueue,
  type ClientQueueStep,
} from './client-queue.ts';

export function takeError(before: ClientQueue, answer: MailError): ClientQueueStep {
  // A number of a later version is a refusal like `failed`.
  const name = answer.name ?? 'failed';
  const { retryAfterMs } = answer;
  const { state, request } = endRequest(before, answer.requestId);
  if (request === undefined)
    return refusedAppend(before, requestKey(answer.requestId, 0), { name, retryAfterMs });
  const effects = [{ kind: 'refused' as const, request, name, retryAfterMs }];
  if (request.kind === 'open' && request.role === 'owner') {
    return { state: { ...state, owner: { ...state.owner, phase: 'closed' } }, effects };
  }
  if (request.kind === 'open')
    return { state: { ...state, reader: { phase: 'closed', expected: undefined } }, effects };
  if (request.kind === 'subscribe') {
    return { state: { ...state, reader: { ...state.reader, expected: undefined } }, effects };
  }
  return { state, effects };
}

/** The frames before the refused one may still be stored; those behind it are refused too. */
function refusedAppend(
  state: ClientQueue,
  key: string,
  reason: Pick<NonNullable<ClientQueue['owner']['stopped']>, 'name' | 'retryAfterMs'>,
): ClientQueueStep {
  const { owner } = state;
  if (owner.abandoned.has(key)) {
    const abandoned = new Set(owner.abandoned);
    abandoned.delete(key);
    return withStopped({ ...state, owner: { ...owner, abandoned } }, []);
  }
  const at = owner.inFlight.indexOf(key);
  if (at < 0) return unknownAnswer(state);
  const abandoned = new Set([...owner.abandoned, ...owner.inFlight.slice(at + 1)]);
  const stopped = owner.stopped ?? reason;
  const inFlight = owner.inFlight.slice(0, at);
  return withStopped({ ...state, owner: { ...owner, phase: 'stopping', inFlight, abandoned, stopped } }, []);
}
