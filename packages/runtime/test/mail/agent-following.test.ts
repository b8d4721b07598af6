import { expect, test } from 'vitest';
import { expectSame, mailFrame } from './device.ts';
import { aliceAndBob, minute } from './scene.ts';

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

test('in a conversation, what the relay we follow lacks comes from another one within two seconds', async () => {
  const { clock, network, alice, bob, relays, route, bobHas } = await aliceAndBob('lagging', { relays: 3 });
  alice.send(route, 1);
  expect(await clock.runUntil(bobHas(1), minute)).toBe(true);
  network.partition(alice.node, relays[0]!.node);
  for (let frames = 2; frames < 20; frames += 1) {
    alice.send(route, 1);
    expect(await clock.runUntil(bobHas(frames), 2_000), `frame ${frames}`).toBe(true);
    await clock.advance(3_000);
  }
  expectSame(alice, bob, route);
});

test('who has nothing to say is quiet: heads are compared and links kept, and nothing else goes over them', async () => {
  const { clock, network, alice, bob, route, bobHas } = await aliceAndBob('quiet', { relays: 3 });
  alice.send(route, 10);
  expect(await clock.runUntil(bobHas(10), minute)).toBe(true);
  await clock.advance(2 * minute);
  const before = network.trace.events;
  await clock.advance(10 * minute);
  // Six links with three status a minute, two heads every 15 s, both ways: 52 a minute.
  expect(network.trace.events - before).toBeLessThan(700);
  expectSame(alice, bob, route);
});

test('a relay that never gets the queue does not make us wait for ever for what nobody has', async () => {
  const { clock, network, alice, bob, relays, route, bobHas } = await aliceAndBob('never', { relays: 2 });
  network.partition(alice.node, relays[1]!.node);
  alice.send(route, 4);
  expect(await clock.runUntil(bobHas(4), minute)).toBe(true);
  bob.crash();
  alice.send(route, 20);
  await clock.advance(5_000);
  alice.crash();
  await relays[0]!.store.trim(route, 24);
  await bob.restart();
  await clock.advance(30 * minute);
  expect(bob.missed).toEqual([]);
  expect(await clock.runUntil(bobHas(24), 90 * minute)).toBe(true);
  expect(bob.missed).toEqual([20]);
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

test('when everything we want has expired, that is reported although nothing more comes', async () => {
  const { clock, alice, bob, relays, route, bobHas } = await aliceAndBob('expired', { relays: 2 });
  alice.send(route, 4);
  expect(await clock.runUntil(bobHas(4), minute)).toBe(true);
  bob.crash();
  alice.send(route, 20);
  await clock.advance(5_000);
  alice.crash();
  for (const { store } of relays) await store.trim(route, 24);
  await bob.restart();
  expect(await clock.runUntil(bobHas(24), 5 * minute)).toBe(true);
  expect([bob.missed, bob.broken]).toEqual([[20], []]);
});

test('a gap waits for a relay that cannot be reached, and is filled when it can', async () => {
  const { clock, network, alice, bob, relays, route, bobHas } = await aliceAndBob('patience', { relays: 2 });
  alice.send(route, 4);
  expect(await clock.runUntil(bobHas(4), minute)).toBe(true);
  bob.crash();
  alice.send(route, 20);
  await clock.advance(5_000);
  alice.crash();
  await relays[0]!.store.trim(route, 16);
  network.partition(bob.node, relays[1]!.node);
  await bob.restart();
  await clock.advance(20 * minute);
  expect([bob.has(route), bob.missed]).toEqual([4, []]);
  network.healAll();
  expect(await clock.runUntil(bobHas(24), 3 * minute)).toBe(true);
  expectSame(alice, bob, route);
});
