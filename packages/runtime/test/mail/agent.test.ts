import { routeKey } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { expectSame } from './device.ts';
import { aliceAndBob, minute } from './scene.ts';

test('frames go through a relay in order, and stored is known', async () => {
  const { clock, alice, bob, relay, route, bobHas } = await aliceAndBob('through a relay');
  alice.send(route, 300);
  expect(await clock.runUntil(bobHas(300), minute)).toBe(true);
  expectSame(alice, bob, route);
  await clock.advance(1_000);
  expect(alice.acknowledgedBy(route, relay.node)).toBe(300);
});

test('frames go directly to a device that follows, and stored comes after its disk', async () => {
  const { clock, alice, bob, route, bobHas } = await aliceAndBob('direct', { direct: true, relays: 0 });
  bob.diskMs = 400;
  alice.send(route);
  await clock.runUntil(() => alice.acknowledgedBy(route, bob) === 1, minute);
  const tookMs = clock.monotonicMs();
  expect(tookMs).toBeGreaterThan(400);
  alice.send(route, 500, 2048);
  expect(await clock.runUntil(bobHas(501), 10 * minute)).toBe(true);
  await clock.advance(5_000);
  expectSame(alice, bob, route);
  expect(alice.acknowledgedBy(route, bob)).toBe(501);
});

test('direct and relay run side by side, and Bob sees each frame once', async () => {
  const { clock, alice, bob, relay, route, bobHas } = await aliceAndBob('both', { direct: true });
  for (let turn = 0; turn < 40; turn += 1) {
    alice.send(route, 3);
    await clock.advance(turn % 7);
  }
  expect(await clock.runUntil(bobHas(120), minute)).toBe(true);
  await clock.advance(5_000);
  expectSame(alice, bob, route);
  expect([alice.acknowledgedBy(route, relay.node), alice.acknowledgedBy(route, bob)]).toEqual([120, 120]);
});

test('mail waits at the relay for a device that is off', async () => {
  const { clock, alice, bob, route, bobHas } = await aliceAndBob('offline');
  alice.send(route, 5);
  expect(await clock.runUntil(bobHas(5), minute)).toBe(true);
  bob.crash();
  alice.send(route, 50);
  await clock.advance(10 * minute);
  alice.crash();
  await bob.restart();
  expect(await clock.runUntil(bobHas(55), 5 * minute)).toBe(true);
  expectSame(alice, bob, route);
});

test('a relay that lost its disk gets everything again from the base', async () => {
  const { clock, alice, bob, relay, route, bobHas } = await aliceAndBob('lost disk');
  alice.send(route, 40);
  expect(await clock.runUntil(bobHas(40), minute)).toBe(true);
  await clock.advance(1_000);
  const outgoing = alice.outgoing.get(routeKey(route))!;
  outgoing.queue = { ...outgoing.queue, base: 10 };
  alice.agent.trim(route, 10);
  relay.crash();
  relay.loseDisk();
  alice.send(route, 5);
  await relay.restart();
  expect(await clock.runUntil(bobHas(45), 5 * minute)).toBe(true);
  expectSame(alice, bob, route);
  expect(await relay.store.state(route)).toMatchObject({ first: 10, next: 45 });
});

test('a partition heals and nothing is lost', async () => {
  const { clock, network, alice, bob, relay, route, bobHas } = await aliceAndBob('partition');
  network.partition(alice.node, relay.node);
  alice.send(route, 30);
  await clock.advance(20 * minute);
  expect(bob.has(route)).toBe(0);
  network.healAll();
  expect(await clock.runUntil(bobHas(30), 3 * minute)).toBe(true);
  expectSame(alice, bob, route);
});

test('links that break at any byte lose nothing and repeat nothing', async () => {
  for (let breakAt = 1; breakAt < 9_500; breakAt += 97) {
    const { clock, network, alice, bob, route, relay, bobHas } = await aliceAndBob(`break ${breakAt}`, {
      direct: breakAt % 2 === 0,
    });
    network.setConditions({ breakAfterBytes: [breakAt, breakAt], cutsBatches: true });
    alice.send(route, 10);
    network.breakLinks(alice.node, relay.node);
    network.breakLinks(bob.node, relay.node);
    await clock.advance(4_000);
    alice.send(route, 10);
    network.setConditions({ breakAfterBytes: undefined });
    if (!(await clock.runUntil(bobHas(20), 5 * minute))) {
      throw new Error(`break at ${breakAt}: ${bob.has(route)} of 20`);
    }
    expectSame(alice, bob, route);
  }
});

test('a peer that has more than we ever sealed is reported, and nothing is sent to it', async () => {
  const { clock, alice, bob, relay, route, bobHas } = await aliceAndBob('ahead');
  alice.send(route, 10);
  expect(await clock.runUntil(bobHas(10), minute)).toBe(true);
  alice.crash();
  const outgoing = alice.outgoing.get(routeKey(route))!;
  outgoing.frames.length = 4;
  outgoing.queue = { ...outgoing.queue, next: 4 };
  await alice.restart();
  await clock.advance(minute);
  alice.send(route, 2);
  await clock.advance(minute);
  expect(new Set(alice.aheads)).toEqual(new Set([10]));
  expect(await relay.store.state(route)).toMatchObject({ next: 10 });
  expect(bob.has(route)).toBe(10);
});

test('a peer that has as much as we sealed, but from another self of this device, is reported, and nothing is sent to it', async () => {
  for (const direct of [true, false]) {
    const { clock, alice, bob, relay, route, bobHas } = await aliceAndBob(`other self ${direct}`, { direct });
    alice.send(route, 10);
    expect(await clock.runUntil(bobHas(10), minute)).toBe(true);
    await clock.advance(minute);
    const acknowledged = new Map(alice.outgoing.get(routeKey(route))!.acknowledged);
    alice.crash();
    const outgoing = alice.outgoing.get(routeKey(route))!;
    outgoing.acknowledged.clear();
    outgoing.frames[9] = outgoing.frames[9]!.map((byte, at) => (at < 32 ? byte : byte ^ 1));
    await alice.restart();
    await clock.advance(minute);
    alice.send(route, 20);
    await clock.advance(minute);
    expect(new Set(alice.aheads)).toEqual(new Set([10]));
    expect(outgoing.acknowledged.size, 'peers that are believed').toBe(0);
    expect(acknowledged.size).toBeGreaterThan(0);
    expect(await relay.store.state(route)).toMatchObject({ next: 10 });
    expect(bob.has(route)).toBe(10);
  }
});

test('a full disk at the reader delays and loses nothing, directly and through the relay', async () => {
  for (const direct of [true, false]) {
    const { clock, alice, bob, route, bobHas } = await aliceAndBob(`full ${direct}`, { direct });
    alice.send(route, 3);
    expect(await clock.runUntil(bobHas(3), minute)).toBe(true);
    bob.diskFull = true;
    alice.send(route, 30);
    await clock.advance(5 * minute);
    expect(bob.has(route)).toBe(3);
    if (direct) expect(alice.acknowledgedBy(route, bob)).toBeLessThanOrEqual(3);
    bob.diskFull = false;
    expect(await clock.runUntil(bobHas(33), 5 * minute)).toBe(true);
    await clock.advance(3 * minute);
    expectSame(alice, bob, route);
    if (direct) expect(alice.acknowledgedBy(route, bob)).toBe(33);
  }
});

test('a slow reader is given no more than it can hold', async () => {
  const { clock, network, alice, bob, relay, route, bobHas } = await aliceAndBob('slow');
  network.setPath(bob.node, relay.node, { windowBytes: 64 * 1024 });
  bob.diskMs = 500;
  alice.send(route, 2_000, 4096);
  let mostWaiting = 0;
  while (!bobHas(2_000)() && clock.monotonicMs() < 60 * minute) {
    await clock.advance(100);
    mostWaiting = Math.max(mostWaiting, bob.bytesIn - bob.bytesKept);
  }
  expectSame(alice, bob, route);
  // What may wait, and what was on its way when reading was paused.
  expect(mostWaiting).toBeLessThan(1_048_576 + 1_048_576);
  expect(mostWaiting).toBeGreaterThan(500_000);
});

test('a device that reads nothing is sent no more than the path holds', async () => {
  const { clock, alice, bob, route, network } = await aliceAndBob('reads nothing', {
    direct: true,
    relays: 0,
  });
  await clock.advance(1_000);
  network.partition(alice.node, bob.node);
  const asked: number[] = [];
  const framesToSend = alice.framesToSend.bind(alice);
  alice.framesToSend = (of, from, framesMax) => {
    const frames = framesToSend(of, from, framesMax);
    asked.push(frames.length);
    return frames;
  };
  alice.send(route, 5_000, 4096);
  await clock.advance(5_000);
  expect(asked.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(256);
});

test('confirmed frames are trimmed at the relay', async () => {
  const { clock, alice, relay, route, bobHas } = await aliceAndBob('trim');
  alice.send(route, 10);
  expect(await clock.runUntil(bobHas(10), minute)).toBe(true);
  await clock.advance(1_000);
  alice.agent.trim(route, 7);
  await clock.advance(1_000);
  expect(await relay.store.state(route)).toMatchObject({ first: 7, next: 10 });
});
