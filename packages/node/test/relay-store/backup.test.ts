// A copy of the relay's store while it goes on: what had been answered is in it, and a store opens on it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openRelayStore, type RelayStore } from '@mycelium/node';
import { expect, test } from 'vitest';
import { nodeFiles, type LogFiles } from '../../src/relay-store/files.ts';
import { append, clock, indices, limits, range, routeOf, temporaryFolder } from './frames.ts';

const openIn = (folder: string): Promise<RelayStore> =>
  openRelayStore({ folder, limits, clock, segmentBytesMax: 32 << 10, reserveBytes: 1 << 12 });

/** Mail of two queues in many segments. */
async function filled(folder: string): Promise<RelayStore> {
  const store = await openIn(folder);
  await store.open(routeOf(1), 0, undefined);
  await store.open(routeOf(2), 0, 7);
  for (let index = 0; index < 200; index += 10) await append(store, 1, index, index + 10);
  await append(store, 2, 0, 5);
  await store.trim(routeOf(1), 20);
  return store;
}

test('a backup under load has all that was answered before it, in order, and opens as a store that goes on', async () => {
  const store = await filled(temporaryFolder());
  const folder = path.join(temporaryFolder(), 'copy');
  let at = 200;
  const appending = async (): Promise<void> => {
    for (; at < 600; at += 20) await append(store, 1, at, at + 20);
  };
  const load = appending();
  const answered = at;
  const report = await store.backUp(folder);
  await load;
  const copy = await openIn(folder);
  const held = await indices(copy, 1);
  expect(held.length).toBeGreaterThanOrEqual(answered - 20);
  expect(held).toEqual(range(20, 20 + held.length));
  expect(await indices(copy, 2)).toEqual(range(0, 5));
  expect(await copy.state(routeOf(2))).toEqual({ first: 0, next: 5, intakeDifficulty: 7 });
  const next = 20 + held.length;
  await append(copy, 1, next, next + 3);
  expect(await indices(copy, 1)).toEqual(range(20, next + 3));
  expect(report).toMatchObject({ queues: 2, frames: held.length + 5 });
  expect(report.segments).toBeGreaterThan(6);
  expect(JSON.parse(readFileSync(path.join(folder, 'backup.json'), 'utf8'))).toEqual(report);
  await copy.close();
  await store.close();
});

test('segments that are trimmed away while they are copied are in the copy', async () => {
  const begun = Promise.withResolvers<undefined>();
  const goOn = Promise.withResolvers<undefined>();
  const files: LogFiles = {
    ...nodeFiles,
    open: async (name) => {
      if (name.includes('copy')) begun.resolve(undefined);
      if (name.includes('copy')) await goOn.promise;
      return nodeFiles.open(name);
    },
  };
  const own = temporaryFolder();
  await (await filled(own)).close();
  const store = await openRelayStore({ folder: own, limits, clock, reserveBytes: 1 << 12, files });
  const folder = path.join(temporaryFolder(), 'copy');
  const backup = store.backUp(folder);
  await begun.promise;
  await store.trim(routeOf(1), 200);
  await store.expire();
  goOn.resolve(undefined);
  await backup;
  expect(await indices(store, 1)).toEqual([]);
  const copy = await openIn(folder);
  expect(await indices(copy, 1)).toEqual(range(20, 200));
  await copy.close();
  await store.close();
});

test('a folder that has something in it is refused, and so is a disk that is full', async () => {
  const own = temporaryFolder();
  const store = await filled(own);
  await expect(store.backUp(own)).rejects.toMatchObject({
    code: 'backup-failed',
    message: expect.stringContaining('the folder has something in it'),
  });
  const file = path.join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  await expect(store.backUp(file)).rejects.toMatchObject({ code: 'backup-failed' });
  await store.close();
  const full = await openRelayStore({
    folder: own,
    limits,
    clock,
    reserveBytes: 1 << 12,
    files: {
      ...nodeFiles,
      open: async (name) => {
        const opened = await nodeFiles.open(name);
        if (!name.includes('copy')) return opened;
        return {
          ...opened,
          write: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })),
        };
      },
    },
  });
  const folder = path.join(temporaryFolder(), 'copy');
  await expect(full.backUp(folder)).rejects.toThrow('the disk is full there');
  expect(readdirSync(folder)).not.toContain('backup.json');
  // The store itself is as before.
  expect(await indices(full, 1)).toEqual(range(20, 200));
  await full.close();
});
