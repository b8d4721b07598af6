// Publishing and looking up over simulated nodes: those that come, go, and go without a word.
import { expect, test, vi } from 'vitest';
import { bytesEqual, bytesToHex } from '@mycelium/protocol';
import {
  createSeededRandomness,
  createVirtualClock,
  DirectoryWorld,
  type SimulatedDirectoryNode,
} from '@mycelium/simulation';
import { handOver, Seeker } from '../../src/index.ts';
import { primitives, recordFor } from './records.ts';

function someNodes(count: number, lossRate = 0) {
  const randomness = createSeededRandomness(`seeker ${count}`);
  const clock = createVirtualClock();
  const wish = { count, clock, primitives, randomness, roundTripMs: [5, 50] as const, lossRate, staleMs: 0 };
  const world = new DirectoryWorld(wish);
  const seeker = (): Seeker => {
    const known = [...new Set(world.someNodes(20))];
    return new Seeker({ nodes: world.seenBy(known), clock, primitives });
  };
  async function during<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const settled = work.finally(() => (done = true));
    expect(await clock.runUntil(() => done, 60_000)).toBe(true);
    return settled;
  }
  return { clock, randomness, world, seeker, during };
}

vi.setConfig({ testTimeout: 120_000 });

const holders = (world: DirectoryWorld, locator: Uint8Array, nowMs: number): SimulatedDirectoryNode[] =>
  world.nodes.filter((node) => node.table.get(locator, nowMs).length > 0);

test('what Alice publishes is with the 20 closest of 300, and Bob finds it', async () => {
  const { clock, randomness, world, seeker, during } = someNodes(300);
  const record = recordFor(randomness, clock.nowMs());
  const locator = record.subarray(4, 36);
  expect(await during(seeker().publish(locator, record))).toEqual({ accepted: 20, refused: [] });
  const closest = world.closest(locator, 20).map(({ host }) => host);
  expect(
    holders(world, locator, clock.nowMs())
      .map(({ host }) => host)
      .toSorted(),
  ).toEqual(closest.toSorted());
  const found = await during(seeker().lookUp(locator));
  expect(found.map(bytesToHex)).toEqual([bytesToHex(record)]);
});

test('a third of 300 nodes vanish without a word, and everybody is still found', async () => {
  const { clock, randomness, world, seeker, during } = someNodes(300, 0.02);
  const records = Array.from({ length: 40 }, () => recordFor(randomness, clock.nowMs()));
  await during(Promise.all(records.map((record) => seeker().publish(record.subarray(4, 36), record))));
  const left = [...world.nodes];
  for (let gone = 0; gone < 100; gone += 1) {
    const [node] = left.splice(randomness.between(0, left.length - 1), 1);
    if (node !== undefined) node.untilMs = clock.monotonicMs();
  }
  const found = await during(Promise.all(records.map((record) => seeker().lookUp(record.subarray(4, 36)))));
  for (const [at, record] of records.entries()) {
    expect(found[at]?.some((bytes) => bytesEqual(bytes, record))).toBe(true);
  }
});

test('a node that goes hands what it holds to who is new among the closest', async () => {
  const { clock, randomness, world, seeker, during } = someNodes(100);
  const record = recordFor(randomness, clock.nowMs());
  const locator = record.subarray(4, 36);
  await during(seeker().publish(locator, record));
  const [going] = world.closest(locator, 1);
  if (going === undefined) throw new Error('a node');
  const nodes = world.seenBy(world.nodes.filter((node) => node !== going));
  const given = await during(handOver({ nodes, table: going.table, clock, limitMs: 2_000 }));
  expect(given).toBe(1);
  going.untilMs = clock.monotonicMs();
  const now = holders(world, locator, clock.nowMs()).filter((node) => node !== going);
  expect(now.map(({ host }) => host).toSorted()).toEqual(
    world
      .closest(locator, 20)
      .map(({ host }) => host)
      .toSorted(),
  );
});

test('a hand-over ends in time, whoever does not answer', async () => {
  const { clock, randomness, world, seeker, during } = someNodes(40);
  const record = recordFor(randomness, clock.nowMs());
  await during(seeker().publish(record.subarray(4, 36), record));
  const [going] = world.closest(record.subarray(4, 36), 1);
  if (going === undefined) throw new Error('a node');
  for (const node of world.nodes) node.untilMs = clock.monotonicMs();
  const beganMs = clock.monotonicMs();
  const nodes = world.seenBy(world.nodes);
  expect(await during(handOver({ nodes, table: going.table, clock, limitMs: 500 }))).toBe(0);
  expect(clock.monotonicMs() - beganMs).toBe(500);
});

test('a claim that most of the closest have comes before those that liars name', async () => {
  const { clock, randomness, world, seeker, during } = someNodes(60);
  const record = recordFor(randomness, clock.nowMs());
  const locator = record.subarray(4, 36);
  await during(seeker().publish(locator, record));
  const lies = Array.from({ length: 7 }, () => recordFor(randomness, clock.nowMs(), locator));
  for (const liar of world.closest(locator, 9))
    for (const lie of lies) liar.table.put(lie, 'x', clock.nowMs());
  const found = await during(seeker().lookUp(locator));
  expect(found).toHaveLength(8);
  expect(bytesEqual(found[0] ?? new Uint8Array(), record)).toBe(true);
});

test('when nobody answers, a look-up finds nothing and says so', async () => {
  const { clock, randomness, world, seeker, during } = someNodes(10);
  const one = seeker();
  for (const node of world.nodes) node.untilMs = clock.monotonicMs();
  expect(await during(one.lookUp(randomness.bytes(32)))).toEqual([]);
  expect(one.answering).toBe(false);
  for (const node of world.nodes) node.untilMs = Number.POSITIVE_INFINITY;
  await during(one.lookUp(randomness.bytes(32)));
  expect(one.answering).toBe(true);
});
