// Which embedded store a relay gets: durable appends of 128-byte frames and ordered reads, the same work in one run.
//
//   node scripts/run.js bench/relay-store/measure.ts [FOLDER]
//
// Frames of 100 queues come in batches (what one turn of the relay collects). A batch counts when it is on disk.
// `at once` batches may be under way together. docs/decisions/0002-relay-store.md has the figures and what followed.
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fdatasync, mkdtempSync, openSync, rmSync, write } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openRelayStore, systemClock } from '@mycelium/node';
import { open as openLmdb } from 'lmdb';

interface Candidate {
  append(batch: readonly Entry[]): Promise<void>;
  read?(route: Uint8Array, from: number, count: number): number | Promise<number>;
  close(): void | Promise<void>;
}

interface Entry {
  readonly key: Buffer; // route ‖ index, big-endian
  readonly frame: Buffer; // 128 bytes and a checksum of 8
}

const parent = process.argv[2] ?? tmpdir();
const routes = Array.from({ length: 100 }, () => randomBytes(16));
const nextByRoute = new Map(routes.map((route) => [route, 0]));

function entries(count: number): Entry[] {
  return Array.from({ length: count }, (_, at) => {
    const route = routes[Math.floor(at / 8) % routes.length] ?? randomBytes(16);
    const index = nextByRoute.get(route) ?? 0;
    nextByRoute.set(route, index + 1);
    const key = Buffer.alloc(24);
    key.set(route);
    key.writeBigUInt64BE(BigInt(index), 16);
    const frame = Buffer.alloc(136, index);
    createHash('sha256').update(key).update(frame.subarray(0, 128)).digest().copy(frame, 128, 0, 8);
    return { key, frame };
  });
}

function lmdb(folder: string): Candidate {
  const db = openLmdb<Buffer, Buffer>({
    path: path.join(folder, 'lmdb'),
    encoding: 'binary',
    keyEncoding: 'binary',
  });
  return {
    append: async (batch) => {
      for (const { key, frame } of batch) void db.put(key, frame);
      await db.flushed;
    },
    read: (route, from, count) => {
      const start = Buffer.alloc(24);
      start.set(route);
      start.writeBigUInt64BE(BigInt(from), 16);
      let bytes = 0;
      for (const { value } of db.getRange({ start, limit: count })) bytes += value.length;
      return bytes;
    },
    close: () => db.close(),
  };
}

function sqlite(folder: string): Candidate {
  const db = new DatabaseSync(path.join(folder, 'queues.db'));
  db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=20000');
  db.exec('CREATE TABLE frames (key BLOB PRIMARY KEY, frame BLOB NOT NULL) WITHOUT ROWID');
  const insert = db.prepare('INSERT INTO frames VALUES (?, ?)');
  const select = db.prepare('SELECT frame FROM frames WHERE key >= ? ORDER BY key LIMIT ?');
  return {
    append: (batch) => {
      db.exec('BEGIN IMMEDIATE');
      for (const { key, frame } of batch) insert.run(key, frame);
      db.exec('COMMIT');
      return Promise.resolve();
    },
    read: (route, from, count) => {
      const start = Buffer.alloc(24);
      start.set(route);
      start.writeBigUInt64BE(BigInt(from), 16);
      let bytes = 0;
      for (const row of select.iterate(start, count)) bytes += (row['frame'] as Uint8Array).length;
      return bytes;
    },
    close: () => db.close(),
  };
}

/** What the relay uses. */
async function relayStore(folder: string): Promise<Candidate> {
  const store = await openRelayStore({
    folder,
    clock: systemClock,
    limits: { retentionMs: 86_400_000, framesPerQueueMax: 1 << 22, queuesMax: 1000, bytesMax: 2 ** 34 },
  });
  for (const route of routes) await store.open(route, 0, undefined);
  return {
    append: async (batch) => {
      const appends = batch.map(({ key, frame }) => {
        return { route: key.subarray(0, 16), frame: frame.subarray(0, 128), index: undefined };
      });
      const outcomes = await store.append(appends);
      if (outcomes.some(({ kind }) => kind !== 'stored')) throw new Error('an append was refused');
    },
    read: async (route, from, count) => {
      const frames = await store.read(route, from, count, 1 << 20);
      return frames.length * 136;
    },
    close: () => store.close(),
  };
}

/** One file, one write and one sync for each batch: what the disk itself can do. */
function file(folder: string): Candidate {
  const descriptor = openSync(path.join(folder, 'log'), 'a');
  let turn: Promise<void> = Promise.resolve();
  const writeOut = (batch: readonly Entry[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const bytes = Buffer.concat(batch.flatMap(({ key, frame }) => [key, frame]));
      write(descriptor, bytes, (failed) => {
        if (failed) reject(failed);
        else fdatasync(descriptor, (unsynced) => (unsynced ? reject(unsynced) : resolve()));
      });
    });
  return {
    append: (batch) => (turn = turn.then(() => writeOut(batch))),
    close: () => closeSync(descriptor),
  };
}

async function appends(candidate: Candidate, size: number, atOnce: number): Promise<string> {
  const batches = Array.from({ length: Math.max(40, Math.floor(60_000 / size)) }, () => entries(size));
  const waits: number[] = [];
  const started = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let batch = batches[next++]; batch; batch = batches[next++]) {
      const asked = performance.now();
      await candidate.append(batch);
      waits.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  const seconds = (performance.now() - started) / 1000;
  waits.sort((left, right) => left - right);
  const p = (share: number): string => (waits[Math.floor(waits.length * share)] ?? 0).toFixed(2).padStart(7);
  const rate = Math.round((batches.length * size) / seconds);
  return `${String(rate).padStart(8)} frames/s   p50 ${p(0.5)} ms   p99 ${p(0.99)} ms`;
}

async function reads(candidate: Candidate): Promise<string> {
  if (!candidate.read) return '';
  const started = performance.now();
  let frames = 0;
  for (const route of routes.slice(0, 50)) {
    frames += (await candidate.read(route, 10, 256)) / 136;
  }
  return `${Math.round(frames / ((performance.now() - started) / 1000))} frames/s read`;
}

for (const [name, create] of Object.entries({ lmdb, sqlite, file, relayStore })) {
  for (const [size, atOnce] of [
    [1, 1],
    [100, 1],
    [100, 8],
    [1000, 2],
  ] as const) {
    const folder = mkdtempSync(path.join(parent, 'relay-store-'));
    for (const route of routes) nextByRoute.set(route, 0);
    const candidate = await create(folder);
    const figures = await appends(candidate, size, atOnce);
    const read = size === 1000 ? await reads(candidate) : '';
    process.stdout.write(
      `${name.padEnd(10)} batch ${String(size).padStart(4)} × ${atOnce}  ${figures}   ${read}\n`,
    );
    await candidate.close();
    rmSync(folder, { recursive: true });
  }
}
