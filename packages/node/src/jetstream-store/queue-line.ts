/**
 * One queue at this front-end: what callers want of it, one after the other in the order of their calls; frames that wait
 * for the same answer go together in one record. Where the queue stands is remembered between calls and checked by the
 * write itself, since other front-ends write too.
 */
import type { AppendedFrame, Failure, Surroundings, Task } from './tasks.ts';
import { AppendTask } from './tasks.ts';
import { type QueueRecords, readTip, type Tip, writeRecord, type WriteOutcome } from './queue-log.ts';
import type { News } from './record-log.ts';
import type { QueueRecord } from './record.ts';
import { KnownRecords } from './known-records.ts';
import type { Place } from './subjects.ts';

export interface LineWish {
  readonly log: QueueRecords;
  readonly place: Place;
  /** As things are at the moment. */
  readonly around: () => Surroundings;
  readonly newId: () => string;
  readonly isFenced: boolean;
  readonly monotonicMs: () => number;
  /** Resolves when another try may go better, for lack of a connection at the latest after `ms`. */
  readonly beforeRetry: (ms: number) => Promise<void>;
  /** Before a task is planned: what the whole store holds is known well enough to decide on it. */
  readonly lookAtRoom: (task: Task) => Promise<void>;
  /** A question was not answered; it is asked again. */
  readonly trouble: (error: unknown) => void;
  /** A record of ours is stored. */
  readonly wrote: (bytes: number, isNewQueue: boolean) => void;
}

/** A record that is to be written, or may have been: tried again as it is, so that it is written once. */
interface PendingWrite {
  readonly record: QueueRecord;
  readonly frames: readonly Uint8Array[];
  readonly after: number;
  readonly settle: () => void;
}

const bytesInRecordMax = 131_072;
const framesInRecordMax = 256;
/** While a stream chooses a new leader, callers wait; after this they are refused and may come again. */
const patienceMs = 5000;
const retryMs = 100;

export class QueueLine {
  readonly known: KnownRecords = new KnownRecords();
  readonly #wish: LineWish;
  readonly #tasks: Task[] = [];
  /** Undefined: to be read. */
  #tip: { readonly at: Tip | undefined } | undefined;
  #running = false;
  /** Of records that we are writing, or have just written: what the server said came before. */
  readonly #own = new Map<string, number | undefined>();

  constructor(wish: LineWish) {
    this.#wish = wish;
  }

  get isIdle(): boolean {
    return !this.#running;
  }

  /** What we last knew; it may have grown since. Undefined: nothing. */
  get remembered(): Tip | undefined {
    return this.#tip?.at;
  }

  append(frame: AppendedFrame): void {
    const last = this.#tasks.at(-1);
    const joins =
      last instanceof AppendTask &&
      last.frames.length < framesInRecordMax &&
      last.bytes + frame.frame.length <= bytesInRecordMax;
    if (joins) return last.add(frame);
    const task = new AppendTask(this.#wish.monotonicMs());
    task.add(frame);
    return this.submit(task);
  }

  submit(task: Task): void {
    this.#tasks.push(task);
    if (!this.#running) void this.#run();
  }

  /** Where the queue stands, asked of the stream's leader. */
  async refresh(): Promise<Tip | undefined> {
    const before = this.#tip;
    const tip = await readTip(this.#wish.log, this.#wish.place);
    // Nothing is there: forgotten as unused, unless somebody has opened it meanwhile.
    if (tip !== undefined || this.#tip === before) this.#learn(tip);
    return this.#tip?.at;
  }

  /** Answers true when somebody else wrote it. */
  heard({ record, before }: News): boolean {
    if (this.#own.has(record.id)) {
      if (this.#own.get(record.id) === undefined) this.#own.set(record.id, before);
      return false;
    }
    const tip = this.#tip?.at;
    if (tip !== undefined && tip.newest === before && record.height === tip.record.height + 1) {
      this.#learn({ record, newest: record.seq });
    } else if (tip === undefined || record.seq > tip.newest) {
      this.#tip = undefined;
    }
    return true;
  }

  /** Nobody told us what has happened since: the next who wants to know asks. */
  doubt(): void {
    this.#tip = undefined;
  }

  #learn(tip: Tip | undefined): void {
    const known = this.#tip?.at;
    // News may have told more meanwhile.
    if (tip === undefined || known === undefined || tip.newest >= known.newest) this.#tip = { at: tip };
    if (tip !== undefined) this.known.add(tip.record);
  }

  async #run(): Promise<void> {
    this.#running = true;
    // What is asked for in one turn goes together.
    await Promise.resolve();
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) await this.#do(task);
    this.#running = false;
  }

  async #do(task: Task): Promise<void> {
    const endsMs = task.sinceMs + patienceMs;
    let pending: PendingWrite | undefined;
    for (;;) {
      const outcome = await this.#attempt(task, pending).catch((error: unknown) => {
        this.#wish.trouble(error);
        return { kind: 'failed' as const, pending };
      });
      if (outcome.kind === 'done') return;
      this.#tip = undefined;
      pending = outcome.pending;
      const leftMs = endsMs - this.#wish.monotonicMs();
      if (outcome.kind === 'conflict' && leftMs > 0) continue;
      if (outcome.kind === 'store-full' || leftMs <= 0) {
        task.failed(outcome.kind === 'store-full' ? 'store-full' : 'failed');
        if (task instanceof AppendTask) this.#refuseFollowing();
        return;
      }
      await this.#wish.beforeRetry(Math.min(retryMs, leftMs));
    }
  }

  /**
   * What an owner sent behind frames that were refused is refused too (spec/mail.md, "Append"), also where those come to be
   * in the log after all and the next index would be right. Who has opened the queue since has sent nothing yet.
   */
  #refuseFollowing(): void {
    for (const task of this.#tasks.splice(0)) {
      if (task instanceof AppendTask) task.refuseIndexed();
      if (!(task instanceof AppendTask) || task.frames.length > 0) this.#tasks.push(task);
    }
  }

  async #attempt(
    task: Task,
    pending: PendingWrite | undefined,
  ): Promise<{ readonly kind: 'done' | 'conflict' | Failure; readonly pending?: PendingWrite }> {
    const write = pending ?? (await this.#plan(task));
    if (write === undefined) return { kind: 'done' };
    const outcome = await this.#write(write).catch((error: unknown) => {
      this.#wish.trouble(error);
      return { kind: 'failed' as const };
    });
    if (outcome.kind === 'failed') return { kind: 'failed', pending: write };
    if (outcome.kind !== 'stored') return { kind: outcome.kind === 'full' ? 'store-full' : 'conflict' };
    this.#learn(outcome.tip);
    const bytes = write.frames.reduce((sum, frame) => sum + frame.length, 0);
    this.#wish.wrote(bytes, write.record.height === 1);
    write.settle();
    return { kind: 'done' };
  }

  /** Undefined: nothing needs to be written, and the caller has its answer. */
  async #plan(task: Task): Promise<PendingWrite | undefined> {
    await this.#wish.lookAtRoom(task);
    const remembered = task.wantsNewest ? undefined : this.#tip;
    const tip = remembered === undefined ? await readTip(this.#wish.log, this.#wish.place) : remembered.at;
    if (remembered === undefined) this.#learn(tip);
    const around = this.#wish.around();
    const plan = task.plan(tip?.record, around);
    if (plan.kind === 'done') {
      if (remembered !== undefined) {
        // Nobody is refused for what was true a while ago.
        this.#tip = undefined;
        return this.#plan(task);
      }
      plan.settle();
      return undefined;
    }
    const { state, frames } = plan.draft;
    const heldFrom = tip === undefined ? 0 : Math.max(tip.record.heldFrom, this.known.heldFrom(state.first));
    const height = (tip?.record.height ?? 0) + 1;
    const id = this.#wish.newId();
    const record = { ...state, height, heldFrom, writtenMs: around.nowMs, id, count: frames.length };
    return { record, frames, after: tip?.newest ?? 0, settle: plan.settle };
  }

  async #write({ record, frames, after }: PendingWrite): Promise<WriteOutcome> {
    const { log, place, isFenced } = this.#wish;
    const { id } = record;
    this.#own.set(id, this.#own.get(id));
    try {
      const heardBefore = (): number | undefined => this.#own.get(id);
      return await writeRecord(log, place, { record, frames, after, heardBefore, isFenced });
    } finally {
      this.#forgetOwn();
    }
  }

  /** News of a record may come after its answer. */
  #forgetOwn(): void {
    if (this.#own.size <= ownRemembered) return;
    for (const id of this.#own.keys()) {
      this.#own.delete(id);
      return;
    }
  }
}

const ownRemembered = 8;
