/** What callers of the relay store want written: plans of records, and their answers once the batch is on disk. */
import { routeKey } from '@mycelium/protocol';
import type { Append, AppendOutcome, QueueState, QueueStoreLimits } from '@mycelium/runtime';
import type { Batch, WriteFailure, WriteTask } from './log-writer.ts';
import { frameRecordBytes, framesApartMax, type Queue } from './queues.ts';

/** A queue that is only opened is written down again once a day, so that it is not forgotten as unused. */
const useWrittenEveryMs = 24 * 3_600_000;

export class AppendTask implements WriteTask {
  readonly makesRoom = false;
  readonly #appends: readonly Append[];
  readonly #limits: QueueStoreLimits;
  readonly #resolve: (outcomes: readonly AppendOutcome[]) => void;
  readonly #outcomes: AppendOutcome[] = [];
  /** Appends come in runs for one queue, with one and the same route: looked up once. */
  #run: { readonly route: Uint8Array; readonly queue: Queue | undefined } | undefined;

  constructor(
    appends: readonly Append[],
    limits: QueueStoreLimits,
    resolve: (outcomes: readonly AppendOutcome[]) => void,
  ) {
    this.#appends = appends;
    this.#limits = limits;
    this.#resolve = resolve;
  }

  plan(batch: Batch): void {
    for (const append of this.#appends) this.#outcomes.push(this.#planOne(batch, append));
  }

  #planOne(batch: Batch, { route, frame, index }: Append): AppendOutcome {
    if (this.#run?.route !== route) this.#run = { route, queue: batch.queues.byKey.get(routeKey(route)) };
    const { queue } = this.#run;
    if (queue === undefined) return { kind: 'refused', reason: 'no-queue' };
    if (index !== undefined && index !== queue.planned) return { kind: 'refused', reason: 'out-of-order' };
    if (queue.planned - queue.first >= Math.min(this.#limits.framesPerQueueMax, framesApartMax)) {
      return { kind: 'refused', reason: 'queue-full' };
    }
    if (batch.queues.bytes + batch.bytes + frameRecordBytes(frame) > this.#limits.bytesMax) {
      return { kind: 'refused', reason: 'store-full' };
    }
    const at = queue.planned;
    queue.planned += 1;
    const timeMs = batch.nowMs;
    // Not before those in front of it, whatever was kept then: a queue forgets from its beginning on.
    const expiresMs = Math.max(timeMs + this.#limits.retentionMs, queue.expiresMs);
    batch.add({ kind: 'frame', route: queue.route, index: at, timeMs, expiresMs, frame }, queue);
    return { kind: 'stored', index: at, expiresMs };
  }

  written(): void {
    this.#resolve(this.#outcomes);
  }

  /** What was refused for a reason of its own keeps that reason. */
  failed(reason: WriteFailure): void {
    this.#resolve(
      this.#outcomes.map((outcome) => (outcome.kind === 'stored' ? { kind: 'refused', reason } : outcome)),
    );
  }
}

export class OpenTask implements WriteTask {
  readonly makesRoom = false;
  readonly #open: {
    readonly route: Uint8Array;
    readonly base: number;
    readonly intakeDifficulty: number | undefined;
  };
  readonly #limits: QueueStoreLimits;
  readonly #resolve: (outcome: QueueState | 'store-full' | 'failed') => void;
  /** Undefined: no queue more fits. */
  #state: QueueState | undefined;

  constructor(
    open: {
      readonly route: Uint8Array;
      readonly base: number;
      readonly intakeDifficulty: number | undefined;
    },
    limits: QueueStoreLimits,
    resolve: (outcome: QueueState | 'store-full' | 'failed') => void,
  ) {
    this.#open = open;
    this.#limits = limits;
    this.#resolve = resolve;
  }

  plan(batch: Batch): void {
    const { route, base, intakeDifficulty } = this.#open;
    const known = batch.queues.byKey.get(routeKey(route));
    if (known === undefined && batch.queues.byKey.size >= this.#limits.queuesMax) return;
    const queue = known ?? batch.queues.create(route, base);
    const jumps = base > queue.planned;
    if (jumps) queue.planned = base;
    const first = jumps ? base : queue.first;
    const { planned: next } = queue;
    this.#state = { first, next, intakeDifficulty };
    const unchanged = known !== undefined && queue.intakeDifficulty === intakeDifficulty && !jumps;
    if (unchanged && batch.nowMs - queue.usedMs < useWrittenEveryMs) return;
    batch.add(
      { kind: 'queue', route: queue.route, first, next, intakeDifficulty, timeMs: batch.nowMs },
      queue,
    );
  }

  written(): void {
    this.#resolve(this.#state ?? 'store-full');
  }

  failed(failure: WriteFailure): void {
    this.#resolve(failure);
  }
}

export class TrimTask implements WriteTask {
  readonly makesRoom = true;
  readonly #route: Uint8Array;
  readonly #upTo: number;
  readonly #resolve: () => void;
  readonly #reject: (error: Error) => void;

  constructor(route: Uint8Array, upTo: number, resolve: () => void, reject: (error: Error) => void) {
    this.#route = route;
    this.#upTo = upTo;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  plan(batch: Batch): void {
    const queue = batch.queues.byKey.get(routeKey(this.#route));
    if (queue === undefined || this.#upTo <= queue.first) return;
    const { route, planned: next, intakeDifficulty } = queue;
    const first = Math.min(this.#upTo, next);
    batch.add({ kind: 'queue', route, first, next, intakeDifficulty, timeMs: batch.nowMs }, queue);
  }

  written(): void {
    this.#resolve();
  }

  failed(failure: WriteFailure): void {
    this.#reject(new Error(`the trim could not be written: ${failure}`));
  }
}
