import { encodeIntake, beginStamp, routeKey, searchStamp } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { createWorld, Device, expectSame, mailFrame, primitives, queueKeys } from './device.ts';
import { TestRelay } from './test-relay.ts';

const minute = 60_000;
const patient = new AbortController().signal;

/** Alice owns a queue at the relay (and at Bob's device when direct), Bob follows it. */
async function aliceAndBob(seed: string, { direct = false, relays = 1 } = {}) {
  const network = createWorld(seed);
  const { clock } = network;
  const alice = new Device(network.node('alice'));
  const bob = new Device(network.node('bob'));
  const relayList = Array.from({ length: relays }, (_, at) => new TestRelay(network.node(`relay${at + 1}`)));
  for (const relay of relayList) await relay.start();
  await alice.start();
  await bob.start();
  const keys = queueKeys(seed);
  const { route } = keys;
  const at = relayList.map(({ node }) => node.address);
  alice.own(keys, direct ? [...at, bob.address] : at);
  bob.follow(keys, at);
  const bobHas =
    (count: number): (() => boolean) =>
    () =>
      bob.has(route) === count;
  return { network, clock, alice, bob, relays: relayList, relay: relayList[0]!, keys, route, at, bobHas };
}

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

test('when the relay we follow dies, another one has it', async () => {
  const { clock, alice, bob, relays, route, bobHas } = await aliceAndBob('two relays', { relays: 2 });
  alice.send(route, 10);
  expect(await clock.runUntil(bobHas(10), minute)).toBe(true);
  relays[0]!.crash();
  alice.send(route, 10);
  expect(await clock.runUntil(bobHas(20), minute)).toBe(true);
  expectSame(alice, bob, route);
});

test('when the relay we follow hangs, another one is followed', async () => {
  const { clock, network, alice, bob, relays, route, bobHas } = await aliceAndBob('hanging', { relays: 2 });
  alice.send(route, 10);
  expect(await clock.runUntil(bobHas(10), minute)).toBe(true);
  network.partition(bob.node, relays[0]!.node);
  alice.send(route, 10);
  expect(await clock.runUntil(bobHas(20), 30_000)).toBe(true);
  network.healAll();
  alice.send(route, 10);
  expect(await clock.runUntil(bobHas(30), minute)).toBe(true);
  expectSame(alice, bob, route);
});

test('a relay that knows less than another is left for it', async () => {
  const { clock, network, alice, bob, relays, route, bobHas } = await aliceAndBob('behind', { relays: 2 });
  alice.send(route, 10);
  expect(await clock.runUntil(bobHas(10), minute)).toBe(true);
  network.partition(alice.node, relays[0]!.node);
  alice.send(route, 10);
  expect(await clock.runUntil(bobHas(20), minute)).toBe(true);
  expectSame(alice, bob, route);
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
  alice.send(route, 20);
  await clock.advance(minute);
  expect(alice.aheads[0]).toBe(10);
  expect(await relay.store.state(route)).toMatchObject({ next: 10 });
  expect(bob.has(route)).toBe(10);
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

test('a frame of the owner that does not open is not acknowledged', async () => {
  const { clock, alice, bob, route } = await aliceAndBob('does not open', { direct: true, relays: 0 });
  bob.accepts = (_, index) => index < 3;
  alice.send(route, 5);
  await clock.advance(minute);
  expect([bob.has(route), alice.acknowledgedBy(route, bob)]).toEqual([3, 3]);
  bob.accepts = () => true;
  expect(await clock.runUntil(() => alice.acknowledgedBy(route, bob) === 5, 5 * minute)).toBe(true);
  expectSame(alice, bob, route);
});

test('a frame that does not open is asked of another relay', async () => {
  const { clock, alice, bob, relays, route, keys, bobHas } = await aliceAndBob('forged', { relays: 2 });
  bob.accepts = (frame) => frame[100] !== 0xee;
  const forged = mailFrame(route, 2);
  forged[100] = 0xee;
  await clock.advance(1_000);
  alice.send(route, 2);
  expect(await clock.runUntil(bobHas(2), minute)).toBe(true);
  await relays[0]!.store.append([{ route, frame: forged, index: 2 }]);
  alice.crash();
  await relays[1]!.store.append([{ route, frame: mailFrame(route, 2), index: 2 }]);
  bob.crash();
  await bob.restart();
  expect(await clock.runUntil(bobHas(3), 2 * minute)).toBe(true);
  expect(bob.received_(keys.route)[2]).toEqual(mailFrame(route, 2));
});

test('a gap is filled from another relay; what nobody has is reported as missing', async () => {
  const { clock, alice, bob, relays, route, bobHas } = await aliceAndBob('gap', { relays: 2 });
  alice.send(route, 4);
  expect(await clock.runUntil(bobHas(4), minute)).toBe(true);
  bob.crash();
  alice.send(route, 20);
  await clock.advance(5_000);
  alice.crash();
  await relays[0]!.store.trim(route, 16);
  await relays[1]!.store.trim(route, 10);
  await bob.restart();
  expect(await clock.runUntil(bobHas(24), 5 * minute)).toBe(true);
  expect(bob.missed).toEqual([6]);
  expect(Array.from(bob.received_(route), (frame) => frame === undefined)).toEqual(
    Array.from({ length: 24 }, (_, index) => index >= 4 && index < 10),
  );
  expect(bob.broken).toEqual([]);
});

test('one relay that lies about its start does not make us skip what an honest one will have', async () => {
  const { clock, network, alice, bob, relays, route, bobHas } = await aliceAndBob('liar', { relays: 2 });
  await clock.advance(1_000);
  network.partition(alice.node, relays[0]!.node);
  network.partition(alice.node, relays[1]!.node);
  await relays[0]!.store.open(route, 5_000, undefined);
  bob.crash();
  await bob.restart();
  await clock.advance(10 * minute);
  network.heal(alice.node, relays[1]!.node);
  alice.send(route, 10);
  expect(await clock.runUntil(bobHas(10), 5 * minute)).toBe(true);
  expect(bob.missed).toEqual([]);
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

test('readOnce reads a card from the first relay that has it, and says when none can be reached', async () => {
  const { clock, alice, bob, relays, route, keys, at, bobHas } = await aliceAndBob('card', { relays: 2 });
  alice.send(route, 300);
  expect(await clock.runUntil(bobHas(300), minute)).toBe(true);
  relays[0]!.crash();
  let outcome: Awaited<ReturnType<typeof bob.agent.readOnce>> | undefined;
  void bob.agent.readOnce(keys, at, patient).then((read) => {
    outcome = read;
  });
  await clock.runUntil(() => outcome !== undefined, minute);
  expect(outcome?.kind === 'read' && [outcome.first, outcome.frames.length]).toEqual([0, 300]);
  relays[1]!.crash();
  outcome = undefined;
  void bob.agent.readOnce(keys, at, patient).then((read) => {
    outcome = read;
  });
  await clock.runUntil(() => outcome !== undefined, minute);
  expect(outcome).toEqual({ kind: 'unreachable' });
});

test('a stranger submits to an intake queue, and it is kept once and trimmed', async () => {
  const { clock, alice, bob, relay, at } = await aliceAndBob('intake');
  const intake = queueKeys('intake of Bob');
  bob.agent.keepIntake({ ...intake, peers: at, difficulty: 4, from: 0 });
  await clock.advance(1_000);
  const blank = encodeIntake({
    route: intake.route,
    requestId: new Uint8Array(12).fill(9),
    stampTimeMs: clock.nowMs(),
    stampNonce: 0n,
    sealed: new Uint8Array(600).fill(5),
  });
  const { frame } = searchStamp(primitives, beginStamp(blank, 4), 10_000);
  let outcome: unknown;
  void alice.agent.submit(frame, [...at, bob.address], patient).then((submitted) => {
    outcome = submitted;
  });
  await clock.runUntil(() => outcome !== undefined && bob.intakes.length === 2, minute);
  expect(outcome).toMatchObject({ kind: 'stored' });
  expect(bob.intakes).toEqual([frame, frame]);
  await clock.advance(1_000);
  expect(await relay.store.state(intake.route)).toMatchObject({ first: 1, next: 1 });

  const weak = frame.slice();
  weak[60] = 77;
  outcome = undefined;
  void alice.agent.submit(weak, at, patient).then((submitted) => {
    outcome = submitted;
  });
  await clock.runUntil(() => outcome !== undefined, minute);
  expect(outcome).toMatchObject({ kind: 'refused', refusal: { code: 'stamp' } });
});

test('peers are told about in words, and stop ends everything', async () => {
  const { clock, network, alice, bob, relay, route } = await aliceAndBob('view');
  await clock.advance(1_000);
  expect(alice.agent.peers()).toMatchObject([
    { state: 'connected', path: 'memory', rttMs: 10, direction: 'out' },
  ]);
  relay.crash();
  await clock.advance(1_000);
  expect(alice.agent.peers()[0]).toMatchObject({
    state: expect.stringMatching(/waiting|connecting/) as string,
  });
  alice.send(route);
  let stopped = 0;
  void alice.agent.stop().then(() => (stopped += 1));
  void bob.agent.stop().then(() => (stopped += 1));
  await clock.advance(1);
  expect(stopped).toBe(2);
  expect(await clock.runUntilQuiescent(minute)).toBe(true);
  expect(network.trace.events).toBeGreaterThan(0);
});

test('a device that is its own relay and a relay for others serves both on one link', async () => {
  const network = createWorld('own relay');
  const { clock } = network;
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => new Device(network.node(name))) as [
    Device,
    Device,
    Device,
  ];
  bob.relay = new TestRelay(bob.node).host();
  for (const device of [alice, bob, carol]) await device.start();
  const [forBob, forCarol, ofBob] = [queueKeys('for Bob'), queueKeys('for Carol'), queueKeys('of Bob')];
  alice.own(forBob, [bob.address]);
  alice.own(forCarol, [bob.address]);
  bob.own(ofBob, [bob.address]);
  bob.follow(forBob, [bob.address]);
  carol.follow(forCarol, [bob.address]);
  alice.follow(ofBob, [bob.address]);
  alice.send(forBob.route, 20);
  alice.send(forCarol.route, 20);
  bob.send(ofBob.route, 20);
  const all = (): boolean =>
    bob.has(forBob.route) + carol.has(forCarol.route) + alice.has(ofBob.route) === 60;
  expect(await clock.runUntil(all, minute)).toBe(true);
  expectSame(alice, bob, forBob.route);
  expectSame(alice, carol, forCarol.route);
  expectSame(bob, alice, ofBob.route);
  const directions = bob.agent.peers().map(({ direction }) => direction);
  expect(directions.toSorted()).toEqual(['in', 'in', 'in', 'out']);
});

test('what was appended to our own relay before we followed is still read', async () => {
  const network = createWorld('followed late');
  const { clock } = network;
  const [alice, bob] = [new Device(network.node('alice')), new Device(network.node('bob'))];
  bob.relay = new TestRelay(bob.node).host();
  for (const device of [alice, bob]) await device.start();
  const keys = queueKeys('followed late');
  alice.own(keys, [bob.address]);
  alice.send(keys.route, 10);
  await clock.advance(minute);
  bob.follow(keys, [bob.address]);
  alice.send(keys.route, 10);
  expect(await clock.runUntil(() => bob.has(keys.route) === 20, minute)).toBe(true);
  network.breakLinks(alice.node, bob.node);
  alice.send(keys.route, 10);
  expect(await clock.runUntil(() => bob.has(keys.route) === 30, minute)).toBe(true);
  expectSame(alice, bob, keys.route);
});

test('a device that does not follow takes nothing, and everything once it does', async () => {
  const { clock, alice, bob, keys, route } = await aliceAndBob('not yet', { direct: true, relays: 0 });
  bob.agent.leave(route);
  bob.crash();
  await bob.restart();
  bob.agent.leave(route);
  alice.send(route, 5);
  await clock.advance(minute);
  expect(alice.refusals).toMatchObject([{ refusal: { code: 'not-authorized' } }]);
  bob.follow(keys, []);
  expect(await clock.runUntil(() => bob.has(route) === 5, 5 * minute)).toBe(true);
  expectSame(alice, bob, route);
});
