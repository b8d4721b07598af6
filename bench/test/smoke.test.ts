/**
 * What the hot paths cost, in figures that do not depend on the machine: bytes allocated, which V8 counts exactly,
 * and one ratio within one run with a wide margin. Absolute times are not looked at: see bench/.
 */
import { createFrameBatch } from '@mycelium/protocol';
import { getHeapStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { contenderFor, createBatch, walkAll } from '../cases/codec.ts';
import { MemoryFeed } from '../cases/feed.ts';
import { race } from '../race.ts';
import { RelayMachine } from '../relay/machine.ts';
import { json } from '../rivals/json.ts';

/** For one text sealed and opened, in a batch of so many; seen when this was written, Node 26.10. */
const pairBytes = [
  [1, 4_300],
  [64, 1_150],
] as const;
/** For one frame through the serving machine: taken, answered, pushed to one reader. */
const servedBytes = 525;

/** Bytes on V8's heap for one call, after `warm` calls that compile it. Bytes of buffers outside it are not in it. */
function allocated(calls: number, warm: number, call: () => unknown): number {
  for (let at = 0; at < warm; at += 1) call();
  const before = getHeapStatistics().total_allocated_bytes;
  for (let at = 0; at < calls; at += 1) call();
  return (getHeapStatistics().total_allocated_bytes - before) / calls;
}

test('walking frames allocates nothing for a frame', () => {
  const batch = createBatch(256);
  const into = createFrameBatch(256);
  const bytes = allocated(10_000, 10_000, () => walkAll(batch, into));
  expect(bytes / 256).toBeLessThan(0.5); // less than one object for sixteen frames
});

test.for(pairBytes)(
  'sealing and opening %i short frames in a call allocates no more than it did',
  ([batch, seen]) => {
    const feed = new MemoryFeed({ batch });
    const calls = Math.ceil(5_000 / batch);
    const bytes = allocated(calls, 5_000, () => feed.open(feed.seal()));
    expect(bytes / batch).toBeLessThan(seen * 1.5);
  },
);

test('walking frames is many times as fast as JSON on the same fields', async () => {
  const batch = createBatch(256);
  const into = createFrameBatch(256);
  const contenders = [
    { name: 'walk', unitsPerCall: 256, call: () => walkAll(batch, into) },
    contenderFor(json, batch),
  ];
  const outcome = await race(contenders, { quick: true });
  expect(outcome.ratio('walk', 'JSON')).toBeGreaterThan(145 / 5); // 145 when this was written
});

test('serving a frame allocates no more than it did', () => {
  const machine = new RelayMachine(256);
  const bytes = allocated(1_000, 1_000, () => machine.pass());
  expect(bytes / 256).toBeLessThan(servedBytes * 1.5);
});

test(
  'serving a frame allocates no more on connections that have thousands of queues open',
  { timeout: 120_000 },
  () => {
    const [few, many] = [16, 4_096].map((others) => {
      const machine = new RelayMachine(1, others);
      return allocated(2_000, 2_000, () => machine.pass());
    });
    expect(many).toBeLessThan(2 * (few ?? 0)); // 1.2 times when this was written; 100 and more with a copy of all sessions
  },
);

test('what a relay appends and pushes is what came in: no copy, one part for frames in a row, one for their answers', () => {
  const machine = new RelayMachine(256);
  const { appends, written } = machine.pass();
  expect(appends.length).toBe(256);
  const views = appends.flatMap(({ frame, route }) => [frame, route]);
  expect(views.every(({ buffer }) => buffer === machine.chunk.buffer)).toBe(true);
  const [answers, push, frames] = written;
  expect(written.length).toBe(3);
  expect([answers?.length, push?.length]).toEqual([256 * 128, 128]);
  expect([frames?.buffer, frames?.length]).toEqual([machine.chunk.buffer, machine.chunk.length]);
});

test('serving frames costs less than reading and writing their headers as JSON', async () => {
  const machine = new RelayMachine(256);
  const contenders = [
    { name: 'serve', unitsPerCall: 256, call: () => machine.pass() },
    contenderFor(json, createBatch(256)),
  ];
  const outcome = await race(contenders, { quick: true });
  expect(outcome.ratio('serve', 'JSON')).toBeGreaterThan(2.9 / 4); // 2.9 when this was written
});
