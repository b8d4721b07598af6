// A full disk, a failing one, and bytes that changed on it.
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openRelayStore } from '@mycelium/node';
import type { QueueStore } from '@mycelium/runtime';
import { expect, test } from 'vitest';
import { nodeFiles, type LogFiles } from '../../src/relay-store/files.ts';
import { append, clock, indices, limits, outcomes, range, routeOf, temporaryFolder } from './frames.ts';

class DiskError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** Files on a disk that can be told to fail: at a write, half of which is done, at a sync, or at cutting back too. */
class FailingDisk {
  failing:
    { readonly code: 'ENOSPC' | 'EIO'; readonly at: 'write' | 'sync'; readonly cut?: boolean } | undefined;
  readonly files: LogFiles = {
    ...nodeFiles,
    open: async (name) => {
      const file = await nodeFiles.open(name);
      return {
        size: file.size,
        read: (into, position) => file.read(into, position),
        close: () => file.close(),
        write: async (bytes, position) => {
          if (this.failing?.at !== 'write') return file.write(bytes, position);
          await file.write(bytes.subarray(0, bytes.length / 2), position);
          throw new DiskError(this.failing.code);
        },
        sync: async () => {
          if (this.failing?.at === 'sync') throw new DiskError(this.failing.code);
          return file.sync();
        },
        truncate: async (size) => {
          if (this.failing?.cut) throw new DiskError('EIO');
          return file.truncate(size);
        },
      };
    },
  };
}

interface Started {
  readonly disk: FailingDisk;
  readonly folder: string;
  readonly store: QueueStore;
  readonly time: { ms: number };
}

async function start(folder = temporaryFolder()): Promise<Started> {
  const disk = new FailingDisk();
  const time = { ms: clock.nowMs() };
  const wish = { folder, limits, clock: { nowMs: () => time.ms }, files: disk.files, reserveBytes: 1 << 16 };
  const store = await openRelayStore(wish);
  await store.open(routeOf(1), 0, undefined);
  return { disk, folder, store, time };
}

async function reopened(folder: string): Promise<QueueStore> {
  return openRelayStore({ folder, limits, clock, reserveBytes: 1 << 16 });
}

test.for([
  { code: 'EIO', at: 'write' },
  { code: 'EIO', at: 'sync' },
  { code: 'EIO', at: 'sync', cut: true },
  { code: 'ENOSPC', at: 'write' },
  { code: 'ENOSPC', at: 'sync', cut: true },
] as const)(
  '$code at a $at (cannot cut back: $cut): refused, served on, and taken again without a restart',
  async (failing) => {
    const { disk, folder, store } = await start();
    await append(store, 1, 0, 5);
    disk.failing = failing;
    const reason = failing.code === 'EIO' ? 'failed' : 'store-full';
    expect(await outcomes(append(store, 1, 5, 8))).toBe(`${reason} ${reason} ${reason}`);
    expect(await store.open(routeOf(2), 0, undefined)).toBe(reason);
    expect(await store.state(routeOf(2))).toBe(undefined);
    expect(await store.open(routeOf(1), 0, undefined), 'nothing to write').toMatchObject({
      first: 0,
      next: 5,
    });
    expect(await indices(store, 1)).toEqual(range(0, 5));
    disk.failing = undefined;
    expect(await outcomes(append(store, 1, 5, 7))).toBe('5 6');
    await store.close();
    const after = await reopened(folder);
    expect(await indices(after, 1)).toEqual(range(0, 7));
    expect(await after.state(routeOf(2))).toBe(undefined);
    await after.close();
  },
);

test('on a full disk the owner can still trim, from the reserve; mail is taken when there is room for it again', async () => {
  const { disk, folder, store, time } = await start();
  await append(store, 1, 0, 9);
  disk.failing = { code: 'ENOSPC', at: 'write' };
  const trims = store.trim(routeOf(1), 4);
  await expect(trims).rejects.toThrow('store-full'); // the reserve is spent, and there is still no room
  disk.failing = undefined;
  await store.trim(routeOf(1), 4);
  expect(await outcomes(append(store, 1, 9, 10)), 'no reserve yet').toBe('store-full');
  time.ms += 1000;
  expect(await outcomes(append(store, 1, 9, 10))).toBe('9');
  await store.close();
  const after = await reopened(folder);
  expect(await indices(after, 1)).toEqual(range(4, 10));
  await after.close();
});

function segmentsIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => path.join(folder, name));
}

test('a torn end is cut off, wherever it was torn, and written over', async () => {
  const { folder, store } = await start();
  await append(store, 1, 0, 3);
  await store.close();
  const [segment = ''] = segmentsIn(folder);
  const whole = readFileSync(segment);
  for (const cut of [1, 100, 176, 177, 400]) {
    writeFileSync(segment, whole);
    truncateSync(segment, whole.length - cut);
    const after = await reopened(folder);
    const held = await indices(after, 1);
    expect(held).toEqual(range(0, 3 - Math.ceil(cut / 176)));
    const next = held.length;
    expect(await outcomes(append(after, 1, next, next + 1))).toBe(String(next));
    await after.close();
    const again = await reopened(folder);
    expect(await indices(again, 1)).toEqual(range(0, next + 1));
    await again.close();
    for (const name of segmentsIn(folder).slice(1)) truncateSync(name, 0);
  }
});

test('a bit that flips anywhere costs at most the record that it is in, and nothing wrong is handed out', async () => {
  const { folder, store } = await start();
  await append(store, 1, 0, 8);
  await store.close();
  const [segment = ''] = segmentsIn(folder);
  const whole = readFileSync(segment);
  for (let at = 3; at < whole.length; at += 97) {
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ 0x10;
    writeFileSync(segment, flipped);
    const after = await reopened(folder);
    const held = await indices(after, 1);
    expect(held.length, `byte ${at}`).toBeGreaterThanOrEqual(7);
    await after.close();
  }
});

test('bytes that change under a running store are not handed out either', async () => {
  const { folder, store } = await start();
  await append(store, 1, 0, 5);
  const [segment = ''] = segmentsIn(folder);
  const bytes = readFileSync(segment);
  const at = bytes.length - 4096 - 10; // frame 4 is 2,048 bytes long, frame 3 before it 512
  bytes[at + 2048] = (bytes[at + 2048] ?? 0) ^ 1;
  writeFileSync(segment, bytes);
  expect(await indices(store, 1)).toEqual(range(0, 4));
  await store.close();
});

test('a frame that looks like a record is only a frame, even where the scan has lost its place', async () => {
  const { folder, store } = await start();
  await append(store, 1, 0, 1);
  await store.close();
  const [segment = ''] = segmentsIn(folder);
  const record = readFileSync(segment).subarray(-176); // of this segment, with its salt: worse than Mallory can do elsewhere
  const other = await reopened(folder);
  await other.open(routeOf(9), 0, undefined);
  const frame = new Uint8Array(512);
  frame.set(record, 48);
  await other.append([{ route: routeOf(9), frame, index: 0 }]);
  await other.close();
  const [, second = ''] = segmentsIn(folder);
  const bytes = readFileSync(second);
  const payloadAt = bytes.indexOf(record) - 48;
  bytes[payloadAt - 44] = 0; // the kind of the record around it
  writeFileSync(second, bytes);
  const after = await reopened(folder);
  expect(await after.state(routeOf(1))).toMatchObject({ first: 0, next: 1 });
  expect(await after.read(routeOf(9), 0, 10, 10_000)).toEqual([]);
  expect(await indices(after, 1)).toEqual([0]);
  await after.close();
});
