import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openRelayStore, type RelayStoreWish } from '@mycelium/node';
import type { QueueStore } from '@mycelium/runtime';
import { queueStoreCases, type QueueStoreSubject } from '@mycelium/simulation';
import { afterAll, test } from 'vitest';

const folders: string[] = [];
const wishes = new Map<QueueStore, RelayStoreWish>();

async function openFor(wish: RelayStoreWish): Promise<QueueStore> {
  const store = await openRelayStore(wish);
  wishes.set(store, wish);
  return store;
}

const subject: QueueStoreSubject = {
  create: async (limits, clock) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'relay-store-'));
    folders.push(folder);
    return openFor({ folder, limits, clock, reserveBytes: 1 << 16 });
  },
  // The process is not ended here (crash.test.ts does that), but nothing is told to the store either.
  reopenAfterCrash: (store) => openFor(wishes.get(store)!),
};

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

test.for(queueStoreCases)('relay store: $title', ({ run }) => run(subject));
