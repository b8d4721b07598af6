/** The owner lets a server forget what every reader has confirmed (spec/mail.md, "Trim"). */
import { encodeTrim } from './trim.ts';
import { beginRequest, type ClientQueue, type ClientQueueStep } from './client-queue.ts';

export function trimQueue(before: ClientQueue, upTo: number): ClientQueueStep {
  const { state, requestId } = beginRequest(before, { kind: 'trim', upTo });
  return { state, effects: [{ kind: 'send', bytes: encodeTrim({ route: state.route, requestId, upTo }) }] };
}
