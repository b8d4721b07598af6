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
import { type LogFiles, nodeFiles } from './files.ts';
import { AppendTask, OpenTask, TrimTask } from './log-tasks.ts';
import { type Batch, LogWriter } from './log-writer.ts';
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

/** Reads what is there, and is ready to serve when this resolves. One process at a time: the caller holds the folder's lock. */
export async function openRelayStore(wish: RelayStoreWish): Promise<QueueStore> {
  const { folder, clock, files = nodeFiles } = wish;
  await files.makeFolder(folder);
  const queues = new Queues();
  const lastNumber = await findSegments(queues, files, folder);
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

class LogStore implements QueueStore {
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

  async close(): Promise<void> {
    await this.#writer.idle();
    for (const segment of this.#queues.segments.values()) await segment.close();
  }
}

function stateOf(queue: Queue): QueueState {
  const { first, next, intakeDifficulty } = queue;
  return { first, next, intakeDifficulty };
}
