// How the log gets shorter: empty, sparse, small and expired segments.
import { readdirSync } from 'node:fs';
import { openRelayStore } from '@mycelium/node';
import type { QueueStore } from '@mycelium/runtime';
import { expect, test } from 'vitest';
import { append, clock, indices, limits, outcomes, range, routeOf, temporaryFolder } from './frames.ts';

const dayMs = 86_400_000;

function openIn(folder: string, time = clock): Promise<QueueStore> {
  return openRelayStore({ folder, limits, clock: time, segmentBytesMax: 32 << 10, reserveBytes: 1 << 12 });
}

const segments = (folder: string): number =>
  readdirSync(folder).filter((name) => name.endsWith('.log')).length;

/** Two queues whose frames lie among each other in many segments. */
async function filled(store: QueueStore): Promise<void> {
  for (const queue of [1, 2, 3]) await store.open(routeOf(queue), 0, queue === 3 ? 11 : undefined);
  for (let index = 0; index < 200; index += 10) {
    await append(store, 1, index, index + 10);
    if (index < 20) await append(store, 2, index, index + 10);
  }
}

test('segments that nobody needs go, queues and the indices they reached stay', async () => {
  const folder = temporaryFolder();
  let store = await openIn(folder);
  await filled(store);
  expect(segments(folder)).toBeGreaterThan(6);
  await store.trim(routeOf(1), 200);
  await store.trim(routeOf(2), 20);
  expect(await store.expire()).toBe(0);
  expect(segments(folder)).toBeLessThanOrEqual(2);
  for (const round of [1, 2]) {
    await store.close();
    store = await openIn(folder);
    expect(await store.state(routeOf(1)), `opened ${round} times`).toMatchObject({ first: 200, next: 200 });
    expect(await store.state(routeOf(3))).toMatchObject({ first: 0, next: 0, intakeDifficulty: 11 });
    await store.expire();
  }
  expect(await outcomes(append(store, 1, 200, 202))).toBe('200 201');
  await store.close();
});

test('what is left in sparse segments moves, in order and as it was', async () => {
  const folder = temporaryFolder();
  let store = await openIn(folder);
  await filled(store);
  await store.trim(routeOf(1), 195);
  await store.expire();
  expect(segments(folder)).toBeLessThanOrEqual(4);
  expect(await indices(store, 1)).toEqual(range(195, 200));
  expect(await indices(store, 2)).toEqual(range(0, 20));
  expect((await store.usage()).frames).toBe(25);
  await append(store, 2, 20, 30);
  await store.close();
  store = await openIn(folder);
  expect(await indices(store, 1)).toEqual(range(195, 200));
  expect(await indices(store, 2)).toEqual(range(0, 30));
  expect((await store.usage()).frames).toBe(35);
  await store.close();
});

test('a hundred starts do not leave a hundred segments', async () => {
  const folder = temporaryFolder();
  for (let start = 0; start < 30; start += 1) {
    const store = await openIn(folder);
    await store.open(routeOf(1), 0, undefined);
    await append(store, 1, start, start + 1);
    await store.expire();
    await store.close();
  }
  expect(segments(folder)).toBeLessThan(15);
  const store = await openIn(folder);
  expect(await indices(store, 1)).toEqual(range(0, 30));
  await store.close();
});

test('frames that moved expire when they would have', async () => {
  const folder = temporaryFolder();
  const time = { ms: clock.nowMs(), nowMs: () => time.ms };
  const store = await openIn(folder, time);
  await filled(store);
  await store.trim(routeOf(1), 195);
  time.ms += 20 * dayMs;
  await store.expire();
  await append(store, 1, 200, 400);
  time.ms += 11 * dayMs;
  expect(await store.expire()).toBe(25);
  expect(await indices(store, 1)).toEqual(range(200, 400));
  expect(await indices(store, 2)).toEqual([]);
  expect(await store.state(routeOf(2))).toMatchObject({ first: 20, next: 20 });
  await store.close();
});

test('appends, reads and trims go on while upkeep runs', async () => {
  const folder = temporaryFolder();
  const store = await openIn(folder);
  await filled(store);
  await store.trim(routeOf(1), 190);
  const upkeep = store.expire();
  const work = [
    append(store, 1, 200, 210),
    store.trim(routeOf(2), 3),
    indices(store, 2),
    indices(store, 1),
  ] as const;
  await Promise.all([upkeep, ...work]);
  expect(await indices(store, 1)).toEqual(range(190, 210));
  expect(await indices(store, 2)).toEqual(range(3, 20));
  await store.close();
});
