// Several paths between two machines: the agent uses the best, changes over, and loses nothing on the way.
import { calmPath, type SimulatedNode } from '@mycelium/simulation';
import type { PathKind } from '@mycelium/runtime';
import { expect, test } from 'vitest';
import { expectSame, type Device } from './device.ts';
import { aliceAndBob, minute } from './scene.ts';

const lan = { ...calmPath, latencyMs: 2 };
const wan = { ...calmPath, latencyMs: 20 };
const slow = { ...calmPath, latencyMs: 60 };

function pathTo(device: Device, node: SimulatedNode): PathKind | undefined {
  return viewOf(device, node)?.path;
}

function viewOf(device: Device, node: SimulatedNode) {
  const wanted = node.address.endpoint?.host;
  return device.agent
    .peers()
    .find(({ peer, direction }) => direction === 'out' && peer.endpoint?.host === wanted);
}

test('mail begins on the path that answers first and goes on over the better one, no frame lost or twice', async () => {
  const scene = await aliceAndBob('upgrade', { ways: { websocket: slow } });
  const { network, clock, alice, bob, relay, route, bobHas } = scene;
  alice.send(route, 20);
  expect(await clock.runUntil(bobHas(20), minute)).toBe(true);
  expect(pathTo(alice, relay.node)).toBe('websocket');
  for (const device of [alice, bob]) network.setWays(device.node, relay.node, { tcp: lan, websocket: slow });
  let sent = 20;
  while (pathTo(alice, relay.node) !== 'tcp' && sent < 2_000) {
    alice.send(route, 1);
    sent += 1;
    await clock.advance(10);
  }
  expect(pathTo(alice, relay.node)).toBe('tcp');
  expect(await clock.runUntil(bobHas(sent), minute)).toBe(true);
  expect(viewOf(alice, relay.node)?.note).toMatch(/^4\.0 ms, better than 120\.0 ms over a WebSocket$/);
  expectSame(alice, bob, route);
});

test('while they talk two paths are open, and one alone when they have been quiet for a minute', async () => {
  const { clock, alice, relay, route } = await aliceAndBob('two warm', {
    ways: { tcp: lan, udp: wan, websocket: slow },
  });
  alice.send(route, 1);
  const states = (): readonly string[] =>
    viewOf(alice, relay.node)?.paths.map(({ path, state }) => `${path} ${state}`) ?? [];
  await clock.advance(5_000);
  expect(states()).toEqual(['tcp used', 'udp ready', 'websocket closed']);
  await clock.advance(2 * minute);
  expect(states()).toEqual(['tcp used', 'udp closed', 'websocket closed']);
});

test.for(['silently', 'with a reset'] as const)(
  'a path dies %s in the middle of a conversation: within a second the other carries on',
  async (how) => {
    const { network, clock, alice, bob, relay, route, bobHas } = await aliceAndBob(`dies ${how}`, {
      ways: { tcp: lan, udp: wan },
    });
    let sent = 0;
    let latestMs = 0;
    for (let turn = 0; turn < 100; turn += 1) {
      const sentAtMs = clock.monotonicMs();
      if (turn === 50 && how === 'silently') {
        for (const device of [alice, bob]) network.cutWay(device.node, relay.node, 'tcp');
      }
      if (turn === 50 && how === 'with a reset') network.breakLinks(alice.node, relay.node);
      alice.send(route, 3);
      sent += 3;
      expect(await clock.runUntil(bobHas(sent), minute)).toBe(true);
      latestMs = Math.max(latestMs, clock.monotonicMs() - sentAtMs);
      await clock.advance(100);
    }
    expect(latestMs).toBeLessThan(1_000);
    expectSame(alice, bob, route);
    if (how === 'silently') expect(pathTo(alice, relay.node)).toBe('udp');
  },
);

test('a path that comes back is used again, and paths that flap lose nothing', async () => {
  const { network, clock, alice, bob, relay, route, bobHas } = await aliceAndBob('flapping', {
    ways: { tcp: lan, udp: wan },
  });
  const random = network.randomness.fork('flaps');
  let sent = 0;
  for (let turn = 0; turn < 200; turn += 1) {
    const kind = random.pick(['tcp', 'udp'] as const);
    const device = random.pick([alice, bob]);
    if (random.chance(0.3)) network.cutWay(device.node, relay.node, kind);
    else network.mendWay(device.node, relay.node, kind);
    const count = random.between(0, 5);
    alice.send(route, count);
    sent += count;
    await clock.advance(random.between(0, 700));
  }
  for (const device of [alice, bob]) {
    for (const kind of ['tcp', 'udp'] as const) network.mendWay(device.node, relay.node, kind);
  }
  expect(await clock.runUntil(bobHas(sent), 5 * minute)).toBe(true);
  expectSame(alice, bob, route);
  alice.send(route, 1);
  await clock.advance(minute);
  expect(pathTo(alice, relay.node)).toBe('tcp');
});

test('the moment of a change-over may be that of an append', async () => {
  for (let delayMs = 0; delayMs < 1_500; delayMs += 50) {
    const { network, clock, alice, bob, relay, route, bobHas } = await aliceAndBob(`moment ${delayMs}`, {
      ways: { websocket: slow },
    });
    alice.send(route, 1);
    expect(await clock.runUntil(bobHas(1), minute)).toBe(true);
    network.setWays(alice.node, relay.node, { tcp: lan, websocket: slow });
    await clock.advance(delayMs);
    alice.send(route, 40);
    await clock.advance(300);
    alice.send(route, 40);
    expect(await clock.runUntil(bobHas(81), minute)).toBe(true);
    expectSame(alice, bob, route);
  }
});
