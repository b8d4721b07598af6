// Versions of the relay's store: older ones are brought to this one, newer ones are left alone and told.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openRelayStore } from '@mycelium/node';
import { expect, test } from 'vitest';
import { nodeFiles, type LogFiles } from '../../src/relay-store/files.ts';
import { append, indices, limits, outcomes, range, routeOf, temporaryFolder } from './frames.ts';
import { writeOldStore } from './old-store.ts';

const timeMs = 1_800_000_000_000;
const dayMs = 86_400_000;
const time = { ms: timeMs, nowMs: (): number => time.ms };
const reserveBytes = 1 << 12;

function segmentsOf(folder: string): readonly Buffer[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return names.toSorted().map((name) => readFileSync(path.join(folder, name)));
}

const versions = (folder: string): string =>
  segmentsOf(folder)
    .map((segment) => segment.toString('latin1', 14, 15))
    .join('');

test('a store of version 1 is brought to version 2 with all that it has, and goes on', async () => {
  time.ms = timeMs + dayMs;
  const folder = temporaryFolder();
  writeOldStore({ folder, timeMs });
  expect(versions(folder)).toBe('11');
  for (const round of [1, 2]) {
    const store = await openRelayStore({ folder, limits, clock: time, reserveBytes });
    expect(versions(folder), `opened ${round} times`).toMatch(/^22+$/);
    expect(await indices(store, 1)).toEqual(range(2, 9 + round));
    expect(await indices(store, 2)).toEqual([0]);
    expect(await store.state(routeOf(2))).toEqual({ first: 0, next: 1, intakeDifficulty: 9 });
    expect(await outcomes(append(store, 1, 9 + round, 10 + round))).toBe(`${9 + round}`);
    await store.close();
  }
  expect(readdirSync(folder).filter((name) => name.includes('draft'))).toEqual([]);
});

test('what version 1 kept expires after the 30 days that it promised, whatever is kept now', async () => {
  for (const retentionMs of [dayMs, 300 * dayMs]) {
    const folder = temporaryFolder();
    writeOldStore({ folder, timeMs });
    time.ms = timeMs + 29 * dayMs;
    const store = await openRelayStore({
      folder,
      limits: { ...limits, retentionMs },
      clock: time,
      reserveBytes,
    });
    expect(await store.expire()).toBe(0);
    expect(await indices(store, 1)).toEqual(range(2, 10));
    time.ms = timeMs + 30 * dayMs;
    expect(await store.expire()).toBe(9);
    expect(await indices(store, 1)).toEqual([]);
    expect(await store.state(routeOf(1))).toMatchObject({ first: 10, next: 10 });
    await store.close();
  }
});

test('a frame is kept as long as was told with stored, though the operator keeps less or more since', async () => {
  const folder = temporaryFolder();
  const live = { ...limits, retentionMs: 10 * dayMs };
  time.ms = timeMs;
  const store = await openRelayStore({
    folder,
    limits: live,
    clock: time,
    reserveBytes,
    segmentBytesMax: 4096,
  });
  await store.open(routeOf(1), 0, undefined);
  const [stored] = await append(store, 1, 0, 1);
  expect(stored).toMatchObject({ expiresMs: timeMs + 10 * dayMs });
  live.retentionMs = dayMs;
  const [behind] = await append(store, 1, 1, 30);
  // A queue forgets from its beginning on.
  expect(behind).toMatchObject({ expiresMs: timeMs + 10 * dayMs });
  await store.open(routeOf(2), 0, undefined);
  const [other] = await append(store, 2, 0, 40);
  expect(other).toMatchObject({ expiresMs: timeMs + dayMs });
  time.ms = timeMs + 9 * dayMs;
  await store.expire();
  expect(await indices(store, 1)).toEqual(range(0, 30));
  expect(await indices(store, 2)).toEqual([]);
  time.ms = timeMs + 10 * dayMs;
  await store.expire();
  expect(await indices(store, 1)).toEqual([]);
  await store.close();
});

test.for([
  ['broken records', 200, 220],
  ['one header of two', 4, 30],
] as const)('%s in an old segment cost what they cost before, and no more', async ([, from, to]) => {
  time.ms = timeMs;
  const folder = temporaryFolder();
  const harm = (segment: Buffer): void => {
    segment.fill(1, from, to);
  };
  writeOldStore({ folder, timeMs, harm });
  const store = await openRelayStore({ folder, limits, clock: time, reserveBytes });
  const held = await indices(store, 1);
  expect(held.length).toBeGreaterThanOrEqual(7);
  expect(versions(folder)).toMatch(/^2+$/);
  await store.close();
});

test('a newer store is refused with a sentence, and not touched', async () => {
  const folder = temporaryFolder();
  writeOldStore({ folder, timeMs, version: '3' });
  const before = segmentsOf(folder);
  await expect(openRelayStore({ folder, limits, clock: time, reserveBytes })).rejects.toMatchObject({
    code: 'store-version',
    message:
      "The relay's mail is in version 3 of the store, and this program knows versions up to 2. Start a newer program, or give it another folder.",
  });
  expect(segmentsOf(folder)).toEqual(before);
  // One flipped bit makes no newer version: the other header counts.
  const [name = ''] = readdirSync(folder).toSorted();
  writeOldStore({ folder, timeMs });
  const first = readFileSync(path.join(folder, name));
  first[14] = '3'.charCodeAt(0);
  writeFileSync(path.join(folder, name), first);
  const store = await openRelayStore({ folder, limits, clock: time, reserveBytes });
  expect(await indices(store, 1)).toEqual(range(2, 10));
  await store.close();
});

/** Files that fail with this at their n-th change, counted from one. */
function failingAt(n: number, code: string): { files: LogFiles; failed: () => boolean } {
  let changes = 0;
  const change = (): void => {
    changes += 1;
    if (changes === n) throw Object.assign(new Error(code), { code });
  };
  const files: LogFiles = {
    ...nodeFiles,
    rename: async (from, to) => {
      change();
      await nodeFiles.rename(from, to);
    },
    syncFolder: async (folder) => {
      change();
      await nodeFiles.syncFolder(folder);
    },
    open: async (name) => {
      const file = await nodeFiles.open(name);
      return {
        ...file,
        write: async (bytes, position) => {
          change();
          await file.write(bytes, position);
        },
        sync: async () => {
          change();
          await file.sync();
        },
      };
    },
  };
  return { files, failed: () => changes >= n };
}

test('wherever the disk fails in the middle, nothing is lost, and the next start brings it to the end', async () => {
  time.ms = timeMs;
  let failures = 0;
  for (let n = 1; n < 40; n += 1) {
    const folder = temporaryFolder();
    writeOldStore({ folder, timeMs });
    const { files, failed } = failingAt(n, 'ENOSPC');
    const opened = await openRelayStore({ folder, limits, clock: time, reserveBytes, files }).catch(
      (error: unknown) => {
        expect(error).toMatchObject({
          code: 'store-full',
          message: expect.stringContaining('Nothing was lost'),
        });
        failures += 1;
        return undefined;
      },
    );
    await opened?.close();
    const store = await openRelayStore({ folder, limits, clock: time, reserveBytes });
    expect(await indices(store, 1), `failed at ${n}`).toEqual(range(2, 10));
    await store.close();
    if (!failed()) break;
  }
  expect(failures).toBeGreaterThanOrEqual(6);
});
