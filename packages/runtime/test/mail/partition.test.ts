// A device that is cut off from everybody for an hour, in which both go on writing.
import { expect, test } from 'vitest';
import { calmPath } from '@mycelium/simulation';
import { expectSame } from './device.ts';
import { aliceAndBob, minute } from './scene.ts';

const hour = 60 * minute;
/** A round of dials may just have begun when the cut ends (20 s), and the longest wait between two is a minute. */
const healMaxMs = 20_000 + minute + 1_000;

test.for(['one', 'two'])(
  'after an hour’s cut all that was said meanwhile is there once, in order, in little more than a minute (%s)',
  async (seed) => {
    const ways = { tcp: calmPath, udp: { ...calmPath, latencyMs: 20 } };
    const { network, clock, alice, bob, relays, route, bobHas } = await aliceAndBob(`hour ${seed}`, {
      relays: 3,
      ways,
    });
    alice.send(route, 10);
    expect(await clock.runUntil(bobHas(10), minute)).toBe(true);
    for (const relay of relays) network.partition(alice.node, relay.node);
    let sent = 10;
    for (let passedMs = 0; passedMs < hour; passedMs += 10_000) {
      alice.send(route, 1);
      sent += 1;
      await clock.advance(10_000);
    }
    expect(bob.has(route)).toBe(10);
    const mendedMs = clock.monotonicMs();
    network.healAll();
    expect(await clock.runUntil(bobHas(sent), 5 * minute)).toBe(true);
    expect(clock.monotonicMs() - mendedMs).toBeLessThan(healMaxMs);
    await clock.advance(minute);
    expectSame(alice, bob, route);
  },
);
