/** A client opens a queue, as its reader or as its owner, and hears where it stands (spec/mail.md, "Open"). */
import type { Opened } from './open.ts';
import { signOpen } from './open.ts';
import {
  beginRequest,
  endRequest,
  unknownAnswer,
  violation,
  type ClientQueue,
  type ClientQueueInput,
  type ClientQueueStep,
} from './client-queue.ts';

export function openQueue(
  before: ClientQueue,
  input: Extract<ClientQueueInput, { kind: 'open' }>,
): ClientQueueStep {
  const { role, server, primitives, seed } = input;
  const { state, requestId } = beginRequest(before, { kind: 'open', role });
  const request = {
    route: state.route,
    requestId,
    role,
    intakeDifficulty: input.intakeDifficulty,
    ...(input.intakeTokens && { intakeTokens: input.intakeTokens }),
    readerPublicKey: input.readerPublicKey,
    ownerPublicKey: input.ownerPublicKey,
    base: role === 'owner' ? input.base : 0,
  };
  const bytes = signOpen(primitives, server, request, seed);
  const opening =
    role === 'owner'
      ? { ...state, owner: { ...state.owner, phase: 'opening' as const } }
      : { ...state, reader: { ...state.reader, phase: 'opening' as const } };
  return { state: opening, effects: [{ kind: 'send', bytes }] };
}

export function takeOpened(before: ClientQueue, opened: Opened): ClientQueueStep {
  const { state, request } = endRequest(before, opened.requestId);
  if (request === undefined) return unknownAnswer(before);
  if (request.kind !== 'open') return violation(state, 'answer', 'opened', 'answers an open');
  const { role } = request;
  const { first, next, lastTag } = opened;
  const open =
    role === 'owner'
      ? {
          ...state,
          owner: {
            phase: 'open' as const,
            stored: next,
            inFlight: [],
            abandoned: new Set<string>(),
            stopped: undefined,
          },
        }
      : { ...state, reader: { ...state.reader, phase: 'open' as const } };
  return { state: open, effects: [{ kind: 'opened', role, first, next, lastTag }] };
}
