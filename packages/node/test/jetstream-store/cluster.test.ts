// Three servers as a cluster and two front-ends over them: what a killed server, also the leader of a stream, costs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openJetStreamStore, type JetStreamStore } from '@mycelium/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { natsServers, noNatsServer, type NatsServer } from '../../../../test/harness/nats-server.ts';
import { append, frameOf, indices, limits, outcomes, range, routeOf } from '../relay-store/frames.ts';
import { syncedServers } from './servers.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jetstream-cluster-'));
let nowMs = 1_800_000_000_000;
const clock = { nowMs: () => nowMs, monotonicMs: () => performance.now() };
let servers: readonly NatsServer[] = [];
let one: JetStreamStore;
let other: JetStreamStore;

describe.skipIf(noNatsServer !== undefined)(
  `a cluster of three${noNatsServer === undefined ? '' : ` (skipped, because ${noNatsServer})`}`,
  () => {
    beforeAll(async () => {
      servers = await natsServers(folder, 3);
      await Promise.all(servers.map((server) => server.start()));
      const wish = { ...syncedServers, servers: servers.map(({ address }) => address), limits, clock };
      one = await openJetStreamStore({ ...wish, name: 'cluster' });
      other = await openJetStreamStore({ ...wish, name: 'cluster' });
    });
    afterAll(async () => {
      await Promise.all([one.close(), other.close()]);
      await Promise.all(servers.map((server) => server.kill()));
      rmSync(folder, { recursive: true });
    });

    test('each stream is on all three', () => {
      expect([one.replicas, one.servers]).toEqual([3, ['nats-1', 'nats-2', 'nats-3']]);
    });

    test('two front-ends that append to one queue at once never give an index twice', async () => {
      await one.open(routeOf(1), 0, 8);
      const lane = async (store: JetStreamStore): Promise<readonly number[]> => {
        const given: number[] = [];
        for (const round of range(0, 60)) {
          const frame = frameOf(1, round);
          const [outcome] = await store.append([{ route: routeOf(1), frame, index: undefined }]);
          given.push(outcome?.kind === 'stored' ? outcome.index : -1);
        }
        return given;
      };
      const stored = (await Promise.all([lane(one), lane(other)])).flat();
      expect(stored.toSorted((left, right) => left - right)).toEqual(range(0, 120));
      for (const store of [one, other])
        expect((await store.read(routeOf(1), 0, 1000, 1 << 22)).map(({ index }) => index)).toEqual(
          range(0, 120),
        );
    });

    test('a queue that was forgotten as unused can be opened anew', async () => {
      await one.open(routeOf(2), 0, undefined);
      expect(await outcomes(append(one, 2, 0, 2))).toBe('0 1');
      await one.trim(routeOf(2), 2);
      nowMs += 61 * 86_400_000;
      await other.expire();
      expect(await one.state(routeOf(2))).toBeUndefined();
      expect(await outcomes(append(other, 2, 2, 3))).toBe('no-queue');
      expect(await other.open(routeOf(2), 7, undefined)).toMatchObject({ first: 7, next: 7 });
      expect(await outcomes(append(one, 2, 7, 9))).toBe('7 8');
      expect(await indices(other, 2)).toEqual([7, 8]);
    });

    test('a server is killed while frames are appended: everything answered is there, in order', async () => {
      const queues = range(10, 26);
      for (const queue of queues) await one.open(routeOf(queue), 0, undefined);
      let killed: Promise<void> | undefined;
      const lane = async (queue: number): Promise<void> => {
        for (let index = 0; index < 400;) {
          const said = await outcomes(append(one, queue, index, index + 10));
          if (said === range(index, index + 10).join(' ')) index += 10;
          else {
            const state = await other.open(routeOf(queue), 0, undefined);
            if (typeof state === 'object') index = state.next;
          }
          if (index >= 100) killed ??= servers[0]!.kill();
        }
      };
      await Promise.all(queues.map(lane));
      await killed;
      for (const queue of queues) expect(await indices(other, queue)).toEqual(range(0, 400));
    });
  },
);
