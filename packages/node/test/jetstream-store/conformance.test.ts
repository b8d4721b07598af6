import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openJetStreamStore, type JetStreamStoreWish } from '@mycelium/node';
import type { QueueStore } from '@mycelium/runtime';
import { queueStoreCases, type QueueStoreSubject } from '@mycelium/simulation';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { natsServers, noNatsServer, type NatsServer } from '../../../../test/harness/nats-server.ts';
import { syncedServers } from './servers.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jetstream-store-'));
const wishes = new Map<QueueStore, JetStreamStoreWish>();
const left: QueueStore[] = [];
let server: NatsServer;
let cases = 0;

async function openFor(wish: JetStreamStoreWish): Promise<QueueStore> {
  const store = await openJetStreamStore(wish);
  wishes.set(store, wish);
  return store;
}

const subject: QueueStoreSubject = {
  create: (limits, clock) =>
    openFor({
      ...syncedServers,
      servers: [server.address],
      name: `case-${(cases += 1)}`,
      limits,
      clock: { nowMs: () => clock.nowMs(), monotonicMs: () => performance.now() },
    }),
  // Nobody tells the store that it ends, and the server is killed, too.
  reopenAfterCrash: async (store) => {
    left.push(store);
    await server.kill();
    await server.start();
    return openFor(wishes.get(store)!);
  },
};

describe.skipIf(noNatsServer !== undefined)(
  `JetStream store${noNatsServer === undefined ? '' : ` (skipped, because ${noNatsServer})`}`,
  () => {
    beforeAll(async () => {
      [server] = (await natsServers(folder, 1)) as [NatsServer];
      await server.start();
    });
    afterAll(async () => {
      await Promise.all(left.map((store) => store.close()));
      await server.kill();
      rmSync(folder, { recursive: true });
    });

    test.for(queueStoreCases)('$title', ({ run }) => run(subject));
  },
);
