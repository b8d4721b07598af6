/** A reader asks once for frames, or with a count of zero for where the queue stands (spec/mail.md, "Fetch"). */
import { encodeFetch } from './fetch.ts';
import {
  beginRequest,
  type ClientQueue,
  type ClientQueueInput,
  type ClientQueueStep,
} from './client-queue.ts';

export function fetchFrames(
  before: ClientQueue,
  input: Extract<ClientQueueInput, { kind: 'fetch' }>,
): ClientQueueStep {
  const { from, count } = input;
  const { state, requestId } = beginRequest(before, input);
  return {
    state,
    effects: [{ kind: 'send', bytes: encodeFetch({ route: state.route, requestId, from, count }) }],
  };
}
