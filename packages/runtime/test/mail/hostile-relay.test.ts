// Relays that lie to the agent of a device, frame by frame: about indices, routes, requests, order, and about what there is.
import { bytesEqual, routeKey } from '@mycelium/protocol';
import { createSeededRandomness } from '@mycelium/simulation';
import { expect, test } from 'vitest';
import { createWorld, Device, expectSame, queueKeys } from './device.ts';
import { lieNames, Tongue } from './lying-link.ts';
import { minute } from './scene.ts';
import { TestRelay } from './test-relay.ts';

/** Alice writes over relays of which the first lies, Bob follows. Nobody opens a frame that Alice did not write there. */
async function liars(seed: string, honest: number) {
  const network = createWorld(seed);
  const { clock } = network;
  const [alice, bob] = [new Device(network.node('alice')), new Device(network.node('bob'))];
  const relays = Array.from({ length: 1 + honest }, (_, at) => new TestRelay(network.node(`relay${at}`)));
  const tongue = new Tongue(createSeededRandomness(`${seed} tongue`), 0.2);
  const [liar] = relays;
  if (liar === undefined) throw new Error('there is a liar');
  liar.tongue = tongue;
  for (const one of [...relays, alice, bob]) await one.start();
  const keys = queueKeys(seed);
  const at = relays.map(({ node }) => node.address);
  alice.own(keys, at);
  bob.follow(keys, at);
  const written = (): readonly Uint8Array[] => alice.outgoing.get(routeKey(keys.route))?.frames ?? [];
  // What sealing does for real frames.
  bob.accepts = (frame, index) => bytesEqual(frame, written()[index] ?? new Uint8Array(0));
  return { network, clock, alice, bob, relays, tongue, keys, written };
}

test.for(lieNames)(
  'one relay of two that tells the lie "%s" changes nothing of what Bob gets',
  async (kind) => {
    let told = 0;
    for (let round = 0; round < 3; round += 1) {
      const { clock, alice, bob, relays, tongue, keys, written } = await liars(`${kind} ${round}`, 1);
      tongue.kinds = [kind];
      for (let turn = 0; turn < 8; turn += 1) {
        alice.send(keys.route, 1 + turn);
        await clock.advance(2_000);
      }
      expect(await clock.runUntil(() => bob.has(keys.route) === written().length, 30 * minute), kind).toBe(
        true,
      );
      expectSame(alice, bob, keys.route);
      expect(bob.missed).toEqual([]);
      const [, honest] = relays;
      const isKept = (): boolean =>
        honest !== undefined && alice.acknowledgedBy(keys.route, honest.node) === written().length;
      expect(await clock.runUntil(isKept, 30 * minute), `${kind}: the honest one has it all`).toBe(true);
      told += tongue.told;
    }
    expect(told).toBeGreaterThan(0);
  },
);

test('all lies together, of one relay of three, in twenty stories', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { clock, alice, bob, keys, written } = await liars(`all ${round}`, 2);
    for (let turn = 0; turn < 6; turn += 1) {
      alice.send(keys.route, 5);
      await clock.advance(5_000);
    }
    expect(
      await clock.runUntil(() => bob.has(keys.route) === written().length, 60 * minute),
      `${round}`,
    ).toBe(true);
    expectSame(alice, bob, keys.route);
  }
});

test('the only relay lies: nothing wrong is taken, and all arrives once it is an honest one', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { clock, alice, bob, relays, tongue, keys, written } = await liars(`alone ${round}`, 0);
    for (let turn = 0; turn < 6; turn += 1) {
      alice.send(keys.route, 5);
      await clock.advance(10_000);
    }
    expect([...alice.broken, ...bob.broken]).toEqual([]);
    for (const [index, frame] of bob.received_(keys.route).entries()) {
      if (frame !== undefined) expect(frame).toEqual(written()[index]);
    }
    expect(tongue.told).toBeGreaterThan(0);
    for (const relay of relays) {
      relay.crash();
      relay.tongue = undefined;
      await relay.restart();
    }
    const whole = await clock.runUntil(() => bob.has(keys.route) === written().length, 120 * minute);
    expect(whole, `story ${round}`).toBe(true);
    expect(bob.broken).toEqual([]);
  }
});

test('a relay that keeps an answer to itself is left, and asked again on another connection', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { clock, alice, bob, tongue, keys, written } = await liars(`silent ${round}`, 0);
    tongue.kinds = ['drop'];
    tongue.chance = 0.5;
    // Pings are answered all the time: it is there, and leaves out what was asked.
    const bend = tongue.bend.bind(tongue);
    const answers = new Set([22, 23, 31, 32]);
    tongue.bend = (frame) => (answers.has(frame[0] ?? 0) ? bend(frame) : [frame]);
    alice.send(keys.route, 5);
    await clock.advance(30_000);
    expect(tongue.told).toBeGreaterThan(0);
    tongue.chance = 0;
    const whole = await clock.runUntil(() => bob.has(keys.route) === written().length, 20 * minute);
    expect(whole, `story ${round}: ${bob.has(keys.route)}`).toBe(true);
    expectSame(alice, bob, keys.route);
  }
});
