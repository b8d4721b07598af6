import { routeKey } from '@mycelium/protocol';
import { roughPath, type SimulatedNode } from '@mycelium/simulation';
import { expect, test } from 'vitest';
import { createWorld, Device, expectSame, queueKeys } from './device.ts';
import { TestRelay } from './test-relay.ts';

const minute = 60_000;
const frameSizes = [128, 128, 128, 512, 2048, 4096] as const;

/**
 * Alice and Bob write to each other over two relays and directly, while links break, paths are cut, relays and devices
 * are killed, disks fill up. Then everything heals, and both have exactly what the other wrote.
 */
async function storm(seed: string): Promise<{ readonly hash: string; readonly tail: readonly string[] }> {
  const network = createWorld(seed, roughPath);
  const { clock } = network;
  const random = network.randomness.fork('storm');
  const [alice, bob] = [new Device(network.node('alice')), new Device(network.node('bob'))];
  const relays = [new TestRelay(network.node('relay1')), new TestRelay(network.node('relay2'))];
  for (const one of [...relays, alice, bob]) await one.start();
  const [aliceFeed, bobFeed] = [queueKeys(`${seed} alice`), queueKeys(`${seed} bob`)];
  const at = relays.map(({ node }) => node.address);
  alice.own(aliceFeed, [...at, bob.address]);
  bob.own(bobFeed, [...at, alice.address]);
  alice.follow(bobFeed, at);
  bob.follow(aliceFeed, at);
  const nodes: readonly SimulatedNode[] = [alice, bob, ...relays].map(({ node }) => node);
  const deeds: readonly (() => Promise<void> | void)[] = [
    () => alice.send(aliceFeed.route, random.between(1, 12), random.pick(frameSizes)),
    () => alice.send(aliceFeed.route),
    () => bob.send(bobFeed.route, random.between(1, 12), random.pick(frameSizes)),
    () => bob.send(bobFeed.route),
    () => network.breakLinks(random.pick(nodes), random.pick(nodes)),
    () => network.partition(random.pick(nodes), random.pick(nodes)),
    () => network.healAll(),
    () => {
      random.pick([alice, bob]).diskFull = random.chance(0.3);
    },
    () => {
      random.pick([alice, bob]).diskMs = random.pick([0, 5, 200]);
    },
    async () => {
      const victim = random.pick([alice, bob, ...relays]);
      if (!victim.node.alive) return victim.restart();
      if (random.chance(0.6)) victim.crash(random.chance(0.3));
      return undefined;
    },
  ];
  for (let turn = 0; turn < 60; turn += 1) {
    await random.pick(deeds)();
    await clock.advance(random.between(0, random.pick([5, 100, 3_000, 20_000])));
  }
  network.healAll();
  network.setConditions({ breakAfterBytes: undefined, dialFailure: 0 });
  for (const one of [alice, bob, ...relays]) if (!one.node.alive) await one.restart();
  for (const one of [alice, bob]) one.diskFull = false;
  for (const node of nodes) for (const other of nodes) network.breakLinks(node, other);
  const total = (device: Device, route: typeof aliceFeed.route): number =>
    device.outgoing.get(routeKey(route))!.frames.length;
  const all = (): boolean =>
    bob.has(aliceFeed.route) === total(alice, aliceFeed.route) &&
    alice.has(bobFeed.route) === total(bob, bobFeed.route) &&
    relays.every(
      ({ node }) =>
        alice.acknowledgedBy(aliceFeed.route, node) === total(alice, aliceFeed.route) &&
        bob.acknowledgedBy(bobFeed.route, node) === total(bob, bobFeed.route),
    );
  const done = await clock.runUntil(all, 30 * minute);
  const { trace } = network;
  try {
    expectSame(alice, bob, aliceFeed.route);
    expectSame(bob, alice, bobFeed.route);
    expect(done, 'everything is acknowledged').toBe(true);
  } catch (error) {
    throw new Error(`seed ${seed}: ${String(error)}\n${trace.tail().join('\n')}`, { cause: error });
  }
  return { hash: trace.hash(), tail: trace.tail() };
}

test('nothing is lost, repeated or out of order in 200 storms', { timeout: 300_000 }, async () => {
  for (let seed = 1; seed <= 200; seed += 1) await storm(`storm ${seed}`);
});

test('the same seed is the same storm', async () => {
  const once = await storm('again');
  const again = await storm('again');
  expect(again.tail).toEqual(once.tail);
  expect(again.hash).toBe(once.hash);
});
