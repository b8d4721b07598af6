/** One relay on several machines (docs/relay-cluster.md): three NATS servers, two front-ends, and what their loss costs. */
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { parsePeerAddress, type PeerAddress } from '../packages/protocol/src/index.ts';
import { Balancer } from './harness/balancer.ts';
import { MailPeer } from './harness/mail-peer.ts';
import { MailUser, testQueue } from './harness/mail-user.ts';
import { natsServers, noNatsServer, type NatsServer } from './harness/nats-server.ts';
import { TestNode } from './harness/node.ts';
import { alicesAddress, befriend, bobsAddress, messages, receipt, startPerson } from './harness/people.ts';
import { run, World, type Json } from './harness/program.ts';

const queueCount = 16;
const framesEach = 400;
const ends: (() => Promise<void>)[] = [];
let world: World;
let servers: readonly NatsServer[] = [];
let frontEnds: readonly [TestNode, TestNode];

const storeUrl = (): string => `nats://${servers.map(({ address }) => address).join(',')}`;

function frontEnd(name: string): TestNode {
  const args = ['--store', storeUrl(), '--store-durability', 'replicated'];
  // Each on a machine of its own: on one machine, a transport key has one socket.
  const runtime = path.join(world.folder, `run-${name}`);
  mkdirSync(runtime, { mode: 0o700 });
  return new TestNode(world, name, { roles: 'relay', args, env: { XDG_RUNTIME_DIR: runtime } });
}

/** `KEY@HOST:PORT` of a relay, with another port. */
function through(relay: TestNode, port: number): PeerAddress {
  const parsed = parsePeerAddress(relay.address.replace(/:\d+$/, `:${port}`));
  if (!parsed.ok) throw new Error('the relay has an address');
  return parsed.value;
}

const portOf = (relay: TestNode): number => Number(/:(\d+)$/.exec(relay.address)?.[1]);

/** For who has to find out why a test failed. */
const lastWords = ({ name, up }: TestNode): string =>
  `${name} said:\n${up?.stderr.slice(-4_000) ?? 'nothing, it is gone'}\n`;

function user(): MailUser {
  const made = new MailUser(world.folder);
  ends.push(() => made.end());
  return made;
}

describe.skipIf(noNatsServer !== undefined)(
  `a relay on several machines${noNatsServer === undefined ? '' : ` (skipped, because ${noNatsServer})`}`,
  () => {
    beforeAll(async () => {
      world = new World();
      servers = await natsServers(world.folder, 3);
      await Promise.all(servers.map((server) => server.start()));
      frontEnds = [frontEnd('front-1'), frontEnd('front-2')];
      await frontEnds[0].start();
      // One relay, one key: what its front-ends share.
      mkdirSync(frontEnds[1].data, { recursive: true, mode: 0o700 });
      copyFileSync(
        path.join(frontEnds[0].data, 'transport.key'),
        path.join(frontEnds[1].data, 'transport.key'),
      );
      await frontEnds[1].start();
    });

    afterAll(async () => {
      for (const end of ends.toReversed()) await end();
      await Promise.all(servers.map((server) => server.kill()));
      await world.end();
    });

    test('a store that cannot keep the promise is refused, and one that nobody can reach', async () => {
      const up = [
        'up',
        '--roles',
        'relay',
        '--listen',
        '127.0.0.1:0',
        '--data',
        path.join(world.folder, 'refused'),
      ];
      const promised = await run([...up, '--json', '--store', storeUrl()]);
      expect([promised.code, JSON.parse(promised.stdout)]).toMatchObject([
        1,
        { error: { code: 'store-durability' } },
      ]);
      expect(promised.stderr).toMatch(/--store-durability replicated/);
      const nobody = await run([...up, '--json', '--store', 'nats://127.0.0.1:1']);
      expect([nobody.code, JSON.parse(nobody.stdout)]).toMatchObject([
        1,
        { error: { code: 'store-unreachable' } },
      ]);
    });

    test('people use it as any relay, and do not call a message stored on its word alone', async () => {
      const relays = [frontEnds[0].address];
      const [alice, bob] = await Promise.all([
        startPerson(world, alicesAddress, { relays }),
        startPerson(world, bobsAddress, { relays }),
      ]);
      await befriend(alice, bob);
      await bob.stop();
      const { id } = await alice.one('send', bobsAddress, 'while Bob is away');
      // It is there: the relay's figures say so. It is not stored.
      const held = async (): Promise<number> =>
        Number(((await frontEnds[1].one('status'))['relay'] as Json)['frames']);
      const before = await held();
      const waited = await alice.try(
        'send',
        bobsAddress,
        'and another',
        '--wait',
        'stored',
        '--timeout',
        '3',
      );
      expect(waited.code).toBe(1);
      await expect.poll(held).toBeGreaterThan(before);
      const states = (await alice.do('history', bobsAddress)).map((line) => line['state']);
      expect(states).toEqual(['queued', 'queued']);
      expect(JSON.stringify((await alice.one('status'))['peers'])).toContain('does not count as stored');
      await bob.start();
      expect(await messages(bob.listen(0), 2)).toEqual(['while Bob is away', 'and another']);
      await receipt(alice.listen(0), id, 'delivered');
      await Promise.all([alice.stop(), bob.stop()]);
    });

    test('a server and a front-end are killed under load: what was called stored is there, in order, once', async () => {
      const [first, second] = frontEnds;
      const ports = [portOf(first), portOf(second)];
      const near = await Balancer.listen(ports);
      const far = await Balancer.listen(ports.toReversed());
      ends.push(
        () => near.end(),
        () => far.end(),
      );
      onTestFailed(() => void process.stderr.write(frontEnds.map(lastWords).join('\n')));
      const queues = Array.from({ length: queueCount }, (_, at) => testQueue(`cluster ${at}`));
      const [alice, bob] = [user(), user()];
      for (const queue of queues) {
        alice.own(queue, through(first, near.port));
        bob.follow(queue, through(first, far.port));
      }
      const stored = (): number => queues.reduce((sum, queue) => sum + alice.acknowledged(queue), 0);
      const all = queueCount * framesEach;
      const writing = (async () => {
        for (let have = 0; have < framesEach; have += 20) {
          for (const queue of queues) alice.append(queue, 20);
          await alice.until(`${have} stored`, () => stored() >= queueCount * have);
        }
      })();
      writing.catch(() => undefined); // it is awaited below
      await alice.until('a quarter is stored', () => stored() > all / 4);
      expect([alice.replicatedOnly, bob.replicatedOnly]).toEqual([true, true]);
      await servers[0]?.kill();
      await alice.until('half is stored', () => stored() > all / 2);
      const answered = queues.map((queue) => alice.acknowledged(queue));
      await first.kill();
      await writing;
      await alice.until('all is stored', () => stored() === all);
      await bob.until('Bob has all', () => queues.every((queue) => bob.received(queue) === framesEach));
      expect([...alice.broken, ...bob.broken]).toEqual([]);
      // Its answers were as the protocol has them, all the time: who gets others leaves the link, and comes back ever later.
      for (const { refusals } of [alice, bob])
        expect(new Set([...refusals, 'failed'])).toEqual(new Set(['failed']));
      // Whoever comes later finds the same, at the front-end that is left.
      const carol = user();
      for (const queue of queues) carol.follow(queue, through(second, portOf(second)));
      await carol.until('Carol has all', () => queues.every((queue) => carol.received(queue) === framesEach));
      expect(carol.broken).toEqual([]);
      expect(answered.every((next) => next > 0)).toBe(true);
    });

    test('NATS away: appends are refused with a time to come again; back, the same relay goes on', async () => {
      const [, relay] = frontEnds;
      const peer = await new MailPeer(world.folder).connect(relay.address);
      ends.push(() => peer.end());
      await servers[0]?.start();
      // While servers start, leaders change: who is refused comes again.
      const opened = async (role: 'owner' | 'reader'): Promise<string> => {
        for (;;) {
          const said = await peer.open(role);
          if (said.startsWith('opened')) return said;
        }
      };
      const storeUpTo = async (end: number): Promise<void> => {
        for (let next = -1; next < end;) {
          next = Number((await opened('owner')).split('-').at(-1));
          const before = peer.words.length;
          peer.append(next, end);
          const answers = (): readonly string[] => peer.words.slice(before);
          const hasEnded = (word: string): boolean =>
            word === `stored ${end - 1}` || word.startsWith('error');
          if (next < end) await peer.until(`frames up to ${end}`, () => answers().find(hasEnded));
        }
      };
      await storeUpTo(3);
      await Promise.all(servers.map((server) => server.kill()));
      const before = peer.words.length;
      peer.append(3, 4);
      await peer.until('a refusal', () => peer.words.slice(before).find((word) => word === 'error failed'));
      await Promise.all(servers.map((server) => server.start()));
      // The frame whose answer was refused may have been written all the same.
      expect(['opened 0-3', 'opened 0-4']).toContain(await opened('owner'));
      await storeUpTo(5);
      await opened('reader');
      await expect.poll(() => peer.fetch(0)).toBe('push 0+5');
      const status = await relay.one('status');
      expect(status['relay']).toMatchObject({
        store: {
          kind: 'nats',
          durability: 'replicated',
          replicas: 3,
          servers: ['nats-1', 'nats-2', 'nats-3'],
        },
      });
    });
  },
);
