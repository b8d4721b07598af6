import type { Link } from '@mycelium/runtime';
import type { VirtualClock } from '@mycelium/simulation';
import { expect, test } from 'vitest';
import { createWorld, Device, expectSame, queueKeys } from './device.ts';
import { aliceAndBob, minute } from './scene.ts';
import { TestRelay } from './test-relay.ts';

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

test('a peer that lost power is let go, and so is one that sends no mail protocol', async () => {
  const { clock, alice, bob } = await aliceAndBob('power cut', { direct: true, relays: 0 });
  const incoming = (): number => bob.agent.peers().filter(({ direction }) => direction === 'in').length;
  await clock.advance(1_000);
  expect(incoming()).toBe(1);
  alice.crash(true);
  await clock.advance(2 * minute);
  expect(incoming()).toBe(0);

  const { transport } = alice.node.restart();
  const heard: number[] = [];
  const link = await connected(clock, transport.dial(bob.address, new AbortController().signal));
  link.onBytes((bytes) => heard.push(...bytes));
  link.write(new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'));
  await clock.advance(1_000);
  expect(incoming()).toBe(0);
  // Its hello, then an error.
  expect([heard.length, heard[0], heard[128]]).toEqual([256, 20, 32]);
});

test('what a peer refused is offered again when it connects to us', async () => {
  const { clock, alice, bob, keys, route } = await aliceAndBob('seen', { direct: true, relays: 0 });
  bob.agent.leave(route);
  bob.crash();
  await bob.restart();
  bob.agent.leave(route);
  alice.send(route, 5);
  await clock.advance(10 * minute);
  bob.follow(keys, []);
  const ofBob = queueKeys('of Bob, seen');
  bob.own(ofBob, [alice.address]);
  expect(await clock.runUntil(() => bob.has(route) === 5, 1_000)).toBe(true);
});

test('a peer that was away is dialled at once when there is something for it', async () => {
  const { clock, alice, relay, route, bobHas } = await aliceAndBob('hurry');
  await clock.advance(1_000);
  relay.crash();
  await clock.advance(10 * minute);
  await relay.restart();
  alice.send(route);
  await clock.advance(100);
  expect(alice.acknowledgedBy(route, relay.node)).toBe(1);
  expect(await clock.runUntil(bobHas(1), 2 * minute)).toBe(true);
});

test('a peer has a few links at most, and strangers do not push out whom we need', async () => {
  const network = createWorld('flood');
  const { clock } = network;
  const [alice, bob] = [new Device(network.node('alice')), new Device(network.node('bob'))];
  bob.limits = { linksMax: 10 };
  await alice.start();
  await bob.start();
  const keys = queueKeys('flood');
  alice.own(keys, [bob.address]);
  bob.follow(keys, [alice.address]);
  await clock.advance(1_000);
  const patient = new AbortController().signal;
  for (let stranger = 0; stranger < 30; stranger += 1) {
    const { transport } = network.node(`stranger ${stranger % 7}`);
    await connected(clock, transport.dial(bob.address, patient));
  }
  await clock.advance(1_000);
  const incoming = bob.agent.peers().filter(({ direction }) => direction === 'in');
  expect(incoming.length).toBe(10);
  alice.send(keys.route, 3);
  await clock.advance(100);
  expect(bob.has(keys.route)).toBe(3);
});

async function connected(clock: VirtualClock, dialling: Promise<Link>): Promise<Link> {
  let link: Link | undefined;
  void dialling.then((dialled) => {
    link = dialled;
  });
  await clock.runUntil(() => link !== undefined, minute);
  if (link === undefined) throw new Error('a link is there');
  return link;
}
