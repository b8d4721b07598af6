// Two front-ends over one NATS: what one stores the other hands out and hears of, and no index is used twice, even
// where the server lets two records through for the same place.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { connect, headers } from '@nats-io/transport-node';
import { openJetStreamStore, type JetStreamStore } from '@mycelium/node';
import type { QueueNews } from '@mycelium/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { natsServers, noNatsServer, type NatsServer } from '../../../../test/harness/nats-server.ts';
import { append, frameOf, indices, limits, outcomes, range, routeOf } from '../relay-store/frames.ts';
import { syncedServers } from './servers.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jetstream-front-ends-'));
const clock = { nowMs: () => 1_800_000_000_000, monotonicMs: () => performance.now() };
let server: NatsServer;
let one: JetStreamStore;
let other: JetStreamStore;
let number = 0;

const openStore = (name: string): Promise<JetStreamStore> =>
  openJetStreamStore({ ...syncedServers, servers: [server.address], name, limits, clock });

/** Resolves with the first news that is as wanted. */
function hear(store: JetStreamStore, queue: number): { until(wanted: string): Promise<void> } {
  const said: string[] = [];
  const waiting = new Set<() => void>();
  store.elsewhere?.listen((news: QueueNews) => {
    said.push(news.kind === 'grown' ? `grown ${news.next}` : 'opened');
    for (const check of waiting) check();
  });
  store.elsewhere?.heed(routeOf(queue));
  return {
    until: (wanted) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (said.includes(wanted)) resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}

describe.skipIf(noNatsServer !== undefined)(
  `two front-ends${noNatsServer === undefined ? '' : ` (skipped, because ${noNatsServer})`}`,
  () => {
    beforeAll(async () => {
      [server] = (await natsServers(folder, 1)) as [NatsServer];
      await server.start();
    });
    afterAll(async () => {
      await server.kill();
      rmSync(folder, { recursive: true });
    });
    beforeEach(async () => {
      number += 1;
      [one, other] = await Promise.all([openStore(`pair-${number}`), openStore(`pair-${number}`)]);
    });
    afterEach(() => Promise.all([one.close(), other.close()]));

    test('what one stores the other hands out, and hears of while it listens', async () => {
      await one.open(routeOf(1), 0, undefined);
      const heard = hear(other, 1);
      expect((await other.state(routeOf(1)))?.next).toBe(0);
      expect(await outcomes(append(one, 1, 0, 3))).toBe('0 1 2');
      await heard.until('grown 3');
      expect(await indices(other, 1)).toEqual([0, 1, 2]);
      await one.trim(routeOf(1), 2);
      expect(await indices(other, 1)).toEqual([2]);
    });

    test('an owner that opens its queue at the other front-end is heard of', async () => {
      await one.open(routeOf(1), 0, undefined);
      const heard = hear(one, 1);
      await one.state(routeOf(1)); // by then the server knows that it listens
      await other.open(routeOf(1), 0, undefined);
      await heard.until('opened');
    });

    test('two that append at once never give an index twice', async () => {
      await one.open(routeOf(1), 0, undefined);
      await other.open(routeOf(1), 0, undefined);
      const appended = await Promise.all(
        range(0, 20).flatMap((round) =>
          [one, other].map(async (store) => {
            const frame = frameOf(1, round);
            const [outcome] = await store.append([{ route: routeOf(1), frame, index: undefined }]);
            return outcome?.kind === 'stored' ? outcome.index : outcome?.reason;
          }),
        ),
      );
      expect(appended.toSorted((left, right) => Number(left) - Number(right))).toEqual(range(0, 40));
      const found = await one.read(routeOf(1), 0, 100, 1 << 20);
      expect(found.map(({ index }) => index)).toEqual(range(0, 40));
    });

    test('an owner that moves to the other front-end goes on there, and the first then refuses it', async () => {
      await one.open(routeOf(1), 0, undefined);
      expect(await outcomes(append(one, 1, 0, 2))).toBe('0 1');
      await other.open(routeOf(1), 0, undefined);
      expect(await outcomes(append(other, 1, 2, 4))).toBe('2 3');
      expect(await outcomes(append(one, 1, 2, 3))).toBe('out-of-order');
      expect(await outcomes(append(one, 1, 4, 5))).toBe('4');
      expect(await indices(other, 1)).toEqual(range(0, 5));
    });

    test('a server that was started anew without syncing gets no new mail until it syncs again', async () => {
      let syncsAlways = true;
      const said: string[] = [];
      const store = await openJetStreamStore({
        ...syncedServers,
        servers: [server.address],
        name: 'judged',
        limits,
        clock,
        askServers: () => Promise.resolve([{ name: 'nats-1', version: '2.10.0', syncsAlways }]),
        onBrokenPromise: (why) => said.push(why),
      });
      await store.open(routeOf(1), 0, undefined);
      expect(await outcomes(append(store, 1, 0, 1))).toBe('0');
      syncsAlways = false;
      await store.expire();
      expect(await outcomes(append(store, 1, 1, 2))).toBe('failed');
      expect(said).toEqual(['the server nats-1 runs without "sync_interval: always"']);
      expect(await indices(store, 1)).toEqual([0]);
      syncsAlways = true;
      await store.expire();
      expect(await outcomes(append(store, 1, 1, 2))).toBe('1');
      await store.close();
    });

    test('a record that lost the race for its place counts for nobody', async () => {
      await one.open(routeOf(1), 0, undefined);
      expect(await outcomes(append(one, 1, 0, 2))).toBe('0 1');
      // What a server without a working fence lets through: the same record again, later, for a place that is taken.
      const nats = await connect({ servers: server.address });
      const subject = `pair-${number}.queue.1.${'01'.repeat(16)}`;
      const client = jetstream(nats);
      const manager = await client.jetstreamManager();
      const record = await manager.streams.getMessage(`pair-${number}-queues-1`, { last_by_subj: subject });
      if (record === null) throw new Error('there is no record');
      expect(await outcomes(append(one, 1, 2, 5))).toBe('2 3 4');
      const late = headers();
      late.set('Mycelium-Queue', record.header.get('Mycelium-Queue'));
      await client.publish(subject, record.data, { headers: late });
      await nats.close();
      // For one it is a surprise, the other sees it first of all.
      const third = await openStore(`pair-${number}`);
      for (const store of [one, other, third]) {
        expect(await store.state(routeOf(1))).toEqual({ first: 0, next: 5, intakeDifficulty: undefined });
        expect(await indices(store, 1)).toEqual(range(0, 5));
      }
      await third.close();
      expect(await outcomes(append(one, 1, 5, 7))).toBe('5 6');
      expect(await outcomes(append(other, 1, 7, 8))).toBe('7');
      expect(await indices(other, 1)).toEqual(range(0, 8));
    });
  },
);
