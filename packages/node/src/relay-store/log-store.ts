/**
 * The embedded `QueueStore` of a relay: a log of checksummed records in segments, with the queues in memory
 * (docs/decisions/0002-relay-store.md).
 */
import path from 'node:path';
import { routeKey } from '@mycelium/protocol';
import type {
  Append,
  AppendOutcome,
  Clock,
  QueueState,
  QueueStore,
  QueueStoreLimits,
  StoredFrame,
} from '@mycelium/runtime';
import { backUp, type BackupReport, type StoreMoment } from './backup.ts';
import { type LogFiles, nodeFiles } from './files.ts';
import { AppendTask, OpenTask, TrimTask } from './log-tasks.ts';
import { type Batch, LogWriter } from './log-writer.ts';
import { migrateSegments } from './migrations.ts';
import { type Queue, Queues } from './queues.ts';
import { readFrames } from './read-frames.ts';
import { Reserve } from './reserve.ts';
import { isSegmentName, Segment, segmentNumber } from './segment.ts';
import { forgetExpired } from './upkeep.ts';

export interface RelayStoreWish {
  readonly folder: string;
  readonly limits: QueueStoreLimits;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** For tests. */
  readonly files?: LogFiles;
  readonly segmentBytesMax?: number;
  readonly reserveBytes?: number;
}

const segmentBytesDefault = 64 << 20;
const reserveBytesDefault = 4 << 20;

/** The embedded store: a folder of its own, which can be copied while it is served from. */
export interface RelayStore extends QueueStore {
  /** Copies what it holds at this moment into a new folder. @throws BackupError */
  backUp(folder: string): Promise<BackupReport>;
}

/**
 * Reads what is there, brings it to this version, and is ready to serve when this resolves. One process at a time: the caller
 * holds the folder's lock.
 * @throws StoreVersionError, StoreMigrationError
 */
export async function openRelayStore(wish: RelayStoreWish): Promise<RelayStore> {
  const { folder, clock, files = nodeFiles } = wish;
  await files.makeFolder(folder);
  const queues = new Queues();
  const lastNumber = await findSegments(queues, files, folder);
  await migrateSegments(files, folder, queues.segments);
  for (const segment of queues.segments.values()) {
    await segment.scan((record, offset) => queues.apply(record, segment, offset));
  }
  const reserve = new Reserve(files, folder, clock, wish.reserveBytes ?? reserveBytesDefault);
  const segmentBytesMax = wish.segmentBytesMax ?? segmentBytesDefault;
  await reserve.ready();
  // Every start begins a new segment: nothing is ever written behind what a kill may have torn.
  const writer = new LogWriter({ files, folder, queues, clock, reserve, segmentBytesMax, lastNumber });
  return new LogStore(queues, writer, wish);
}

/** Answers the highest number that any file has. */
async function findSegments(queues: Queues, files: LogFiles, folder: string): Promise<number> {
  let lastNumber = 0;
  for (const name of (await files.list(folder)).filter(isSegmentName).toSorted()) {
    lastNumber = segmentNumber(name);
    const segment = await Segment.open(files, path.join(folder, name));
    if (segment === undefined) continue;
    queues.segments.set(segment.number, segment);
    const before = queues.segments.get(segment.before.number);
    if (before !== undefined) before.end = Math.min(before.end, segment.before.end);
  }
  return lastNumber;
}

class LogStore implements RelayStore {
  readonly #queues: Queues;
  readonly #writer: LogWriter;
  readonly #wish: RelayStoreWish;

  constructor(queues: Queues, writer: LogWriter, wish: RelayStoreWish) {
    this.#queues = queues;
    this.#writer = writer;
    this.#wish = wish;
  }

  open(
    route: Uint8Array,
    base: number,
    intakeDifficulty: number | undefined,
  ): Promise<QueueState | 'store-full' | 'failed'> {
    return new Promise((resolve) => {
      const { limits } = this.#wish;
      this.#writer.submit(new OpenTask({ route, base, intakeDifficulty }, limits, resolve));
    });
  }

  state(route: Uint8Array): Promise<QueueState | undefined> {
    const queue = this.#known(route);
    return Promise.resolve(queue && stateOf(queue));
  }

  /** A queue whose making is not on disk yet is not there. */
  #known(route: Uint8Array): Queue | undefined {
    const queue = this.#queues.byKey.get(routeKey(route));
    return queue === undefined || (queue.recordedIn < 0 && queue.places.length === 0) ? undefined : queue;
  }

  append(appends: readonly Append[]): Promise<readonly AppendOutcome[]> {
    return new Promise((resolve) => this.#writer.submit(new AppendTask(appends, this.#wish.limits, resolve)));
  }

  async read(
    route: Uint8Array,
    from: number,
    framesMax: number,
    bytesMax: number,
  ): Promise<readonly StoredFrame[]> {
    const queue = this.#known(route);
    return queue === undefined ? [] : readFrames(this.#queues, queue, { from, framesMax, bytesMax });
  }

  trim(route: Uint8Array, upTo: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writer.submit(new TrimTask(route, upTo, resolve, reject));
    });
  }

  async expire(): Promise<number> {
    const { clock, limits, segmentBytesMax = segmentBytesDefault } = this.#wish;
    await this.#writer.idle();
    const write = (plan: (batch: Batch) => void): Promise<boolean> =>
      new Promise((resolve) => {
        this.#writer.submit({
          makesRoom: true,
          plan,
          written: () => resolve(true),
          failed: () => resolve(false),
        });
      });
    await write((batch) => this.#writer.sealOld(batch.nowMs));
    return forgetExpired({
      queues: this.#queues,
      active: () => this.#writer.active,
      write,
      nowMs: clock.nowMs(),
      retentionMs: limits.retentionMs,
      segmentBytesMax,
    });
  }

  usage(): Promise<{ readonly queues: number; readonly frames: number; readonly bytes: number }> {
    const { byKey, frames, bytes } = this.#queues;
    return Promise.resolve({ queues: byKey.size, frames, bytes });
  }

  backUp(folder: string): Promise<BackupReport> {
    return backUp(this.#wish.files ?? nodeFiles, folder, () => this.#moment());
  }

  /** Between two batches: what is on disk then, and nothing of what comes after. */
  #moment(): Promise<StoreMoment> {
    const { byKey, segments } = this.#queues;
    return new Promise((resolve) => {
      this.#writer.submit({
        makesRoom: true,
        plan: () => {
          const parts = [...segments.values()].map((segment) => ({
            segment,
            end: segment.end,
            release: segment.hold(),
          }));
          resolve({ queues: byKey.size, frames: this.#queues.frames, parts });
        },
        written: () => undefined,
        failed: () => undefined,
      });
    });
  }

  async close(): Promise<void> {
    await this.#writer.idle();
    for (const segment of this.#queues.segments.values()) await segment.close();
  }
}

function stateOf(queue: Queue): QueueState {
  const { first, next, intakeDifficulty } = queue;
  return { first, next, intakeDifficulty };
}
