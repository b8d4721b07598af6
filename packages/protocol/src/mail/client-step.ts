/** One input of a client's queue to its transition. */
import { appendFrames, takeStored } from './client-append.ts';
import { takeError } from './client-error.ts';
import { fetchFrames } from './client-fetch.ts';
import { openQueue, takeOpened } from './client-open.ts';
import { takePush } from './client-push.ts';
import type { ClientQueue, ClientQueueInput, ClientQueueStep } from './client-queue.ts';
import { subscribeQueue, takeDone, unsubscribeQueue } from './client-subscribe.ts';
import { trimQueue } from './client-trim.ts';

export function stepClientQueue(state: ClientQueue, input: ClientQueueInput): ClientQueueStep {
  switch (input.kind) {
    case 'open':
      return openQueue(state, input);
    case 'append':
      return appendFrames(state, input.frames);
    case 'trim':
      return trimQueue(state, input.upTo);
    case 'subscribe':
      return subscribeQueue(state, input.from);
    case 'unsubscribe':
      return unsubscribeQueue(state);
    case 'fetch':
      return fetchFrames(state, input);
    case 'opened':
      return takeOpened(state, input.answer);
    case 'stored':
      return takeStored(state, input.answer);
    case 'done':
      return takeDone(state, input.answer);
    case 'push':
      return takePush(state, input.push, input.frames);
    case 'error':
      return takeError(state, input.answer);
  }
}
