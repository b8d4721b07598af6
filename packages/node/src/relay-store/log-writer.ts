/**
 * The one writer of the relay's log: what many callers want written goes to disk together (group commit). While one
 * batch is written and synced, the next one gathers.
 *
 * A batch is planned against the queues as they will be, written, synced, and only then applied and answered. When the
 * disk fails, nothing of the batch counts: the file is cut back, or where not even that works, a new segment begun.
 */
import type { Clock } from '@mycelium/runtime';
import { errorCode, type LogFiles } from './files.ts';
import type { Queue, Queues } from './queues.ts';
import { type LogRecord, recordBytes, writeRecord } from './record.ts';
import type { Reserve } from './reserve.ts';
import { Segment } from './segment.ts';

/** Why a batch did not get to disk. */
export type WriteFailure = 'store-full' | 'failed';

export interface WriteTask {
  /** Upkeep and trims may use the reserve: they are what makes room. */
  readonly makesRoom: boolean;
  /** Adds the records. What it answers by itself it answers in `written`. Called once, or never. */
  plan(batch: Batch): void;
  /** Everything that was planned is on disk and applied. */
  written(): void;
  failed(failure: WriteFailure): void;
}

const batchBytesMax = 8 << 20;
const segmentAgeMaxMs = 24 * 3_600_000;

export class Batch {
  readonly queues: Queues;
  readonly nowMs: number;
  readonly records: LogRecord[] = [];
  readonly touched: Set<Queue> = new Set();
  bytes = 0;

  constructor(queues: Queues, nowMs: number) {
    this.queues = queues;
    this.nowMs = nowMs;
  }

  add(record: LogRecord, queue: Queue | undefined): void {
    this.records.push(record);
    this.bytes += recordBytes(record);
    if (queue !== undefined) this.touched.add(queue);
  }
}

export class LogWriter {
  readonly #files: LogFiles;
  readonly #folder: string;
  readonly #queues: Queues;
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #reserve: Reserve;
  readonly #segmentBytesMax: number;
  #active: Segment | undefined;
  #lastNumber: number;
  #tasks: WriteTask[] = [];
  #running: Promise<void> | undefined;

  constructor(options: {
    readonly files: LogFiles;
    readonly folder: string;
    readonly queues: Queues;
    readonly clock: Pick<Clock, 'nowMs'>;
    readonly reserve: Reserve;
    readonly segmentBytesMax: number;
    readonly lastNumber: number;
  }) {
    this.#files = options.files;
    this.#folder = options.folder;
    this.#queues = options.queues;
    this.#clock = options.clock;
    this.#reserve = options.reserve;
    this.#segmentBytesMax = options.segmentBytesMax;
    this.#lastNumber = options.lastNumber;
  }

  get active(): Segment | undefined {
    return this.#active;
  }

  submit(task: WriteTask): void {
    this.#tasks.push(task);
    this.#running ??= this.#run();
  }

  /** Ends the segment that is written to when it is a day old. Only from a task's `plan`, when nothing is being written. */
  sealOld(nowMs: number): void {
    if (this.#active !== undefined && nowMs - this.#active.beganMs >= segmentAgeMaxMs)
      this.#active = undefined;
  }

  /** Everything submitted so far has been answered. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // what else this turn brings joins the first batch
    while (this.#tasks.length > 0) await this.#writeBatch();
    this.#running = undefined;
  }

  async #writeBatch(): Promise<void> {
    const batch = new Batch(this.#queues, this.#clock.nowMs());
    const taken: WriteTask[] = [];
    const makesRoom = this.#tasks[0]?.makesRoom === true;
    while (this.#tasks[0]?.makesRoom === makesRoom && batch.bytes < batchBytesMax) {
      const task = this.#tasks.shift();
      if (task === undefined) break;
      task.plan(batch);
      taken.push(task);
    }
    const failure = batch.records.length === 0 ? undefined : await this.#write(batch, makesRoom);
    if (failure !== undefined) this.#undo(batch);
    for (const task of taken) {
      if (failure === undefined) task.written();
      else task.failed(failure);
    }
  }

  #undo(batch: Batch): void {
    for (const queue of batch.touched) {
      queue.planned = queue.next;
      // Made by this very batch: nothing of it is on disk.
      if (queue.recordedIn < 0 && queue.places.length === 0) this.#queues.byKey.delete(queue.key);
    }
  }

  async #write(batch: Batch, makesRoom: boolean): Promise<WriteFailure | undefined> {
    if (!makesRoom && !(await this.#reserve.ready())) return 'store-full';
    const failure = await this.#attempt(batch);
    if (failure !== 'store-full' || !makesRoom || !(await this.#reserve.spend())) return failure;
    return this.#attempt(batch);
  }

  async #attempt(batch: Batch): Promise<WriteFailure | undefined> {
    let segment: Segment | undefined;
    try {
      segment = await this.#segmentFor(batch);
      const bytes = Buffer.allocUnsafe(batch.bytes);
      let at = 0;
      for (const record of batch.records) at = writeRecord(bytes, at, record, segment.salt);
      const start = segment.end;
      await segment.append(bytes);
      this.#apply(batch, segment, start);
      return undefined;
    } catch (error) {
      await this.#abandon(segment);
      const full = errorCode(error) === 'ENOSPC' || errorCode(error) === 'EDQUOT';
      return full ? 'store-full' : 'failed';
    }
  }

  #apply(batch: Batch, segment: Segment, start: number): void {
    let offset = start;
    for (const record of batch.records) {
      this.#queues.apply(record, segment, offset);
      offset += recordBytes(record);
    }
  }

  /** After a failed sync nobody knows what is on disk behind `end`: only a cut that is itself synced lets us go on. */
  async #abandon(segment: Segment | undefined): Promise<void> {
    if (segment === undefined || segment !== this.#active) return;
    try {
      await segment.cutBack();
    } catch {
      this.#active = undefined;
    }
  }

  async #segmentFor(batch: Batch): Promise<Segment> {
    const active = this.#active;
    if (active !== undefined) {
      const young = batch.nowMs - active.beganMs < segmentAgeMaxMs;
      if (active.isEmpty || (young && active.end + batch.bytes <= this.#segmentBytesMax)) return active;
    }
    this.#lastNumber += 1;
    const newest = [...this.#queues.segments.values()].at(-1);
    const before = { number: newest?.number ?? 0, end: newest?.end ?? 0 };
    const origin = { number: this.#lastNumber, beganMs: batch.nowMs, before };
    const segment = await Segment.create(this.#files, this.#folder, origin);
    this.#queues.segments.set(segment.number, segment);
    this.#active = segment;
    return segment;
  }
}
