import { test } from 'vitest';
import {
  createMemoryQueueStore,
  queueStoreCases,
  type MemoryQueueStore,
  type QueueStoreSubject,
} from '@mycelium/simulation';

const subject: QueueStoreSubject = {
  create: (limits, clock) => Promise.resolve(createMemoryQueueStore({ limits, clock })),
  reopenAfterCrash: (store) => Promise.resolve((store as MemoryQueueStore).crash()),
};

test.for(queueStoreCases)('memory queue store: $title', ({ run }) => run(subject));
