/**
 * Frames of one followed queue on their way to the handler: one call at a time, in order, never a hole, never twice.
 * Holds only what continues what is already on disk or waiting; when the handler fails everything that waits is
 * dropped, because whoever sent it still has it, and the caller begins again from `wanted` after a while.
 */
import type { PeerAddress, Route } from '@mycelium/protocol';
import type { MailHandler } from './agent.ts';
import { createBackoff, type Backoff } from './backoff.ts';
import type { Surroundings } from './surroundings.ts';

export interface Batch {
  readonly firstIndex: number;
  readonly frames: readonly Uint8Array[];
  readonly from: PeerAddress;
  /** Called once. */
  readonly settled: (outcome: BatchOutcome) => void;
}

/**
 * `stored`: on disk, or was there before. `unwanted`: the handler wants less than all of it: something in it is not
 * what the owner wrote. `dropped`: through no fault of who sent it.
 */
export type BatchOutcome = 'stored' | 'unwanted' | 'dropped';

export interface DeliveryEvents {
  /** What was waiting is on disk. */
  idle(): void;
  /** What was waiting was dropped; `retryMs` from now `recovered` is called. */
  failed(): void;
  recovered(): void;
}

type Step =
  { readonly kind: 'batch'; readonly batch: Batch } | { readonly kind: 'missing'; readonly first: number };

export class Delivery {
  readonly #around: Surroundings;
  readonly #handler: MailHandler;
  readonly #route: Route;
  readonly #events: DeliveryEvents;
  readonly #steps: Step[] = [];
  readonly #backoff: Backoff;
  #wanted: number;
  /** One beyond the last index that is on disk or waiting. */
  #tail: number;
  #running: Promise<void> | undefined;
  #restingUntilMs: number | undefined;
  #cancelRest: () => void = () => undefined;
  #stopped = false;

  constructor(
    around: Surroundings,
    handler: MailHandler,
    queue: { route: Route; from: number },
    events: DeliveryEvents,
  ) {
    this.#around = around;
    this.#handler = handler;
    this.#route = queue.route;
    this.#events = events;
    this.#wanted = queue.from;
    this.#tail = queue.from;
    const { handlerRetryMinMs, handlerRetryMaxMs } = around.limits;
    this.#backoff = createBackoff(around.randomness, handlerRetryMinMs, handlerRetryMaxMs);
  }

  /** The first index that is not on disk. */
  get wanted(): number {
    return this.#wanted;
  }

  get tail(): number {
    return this.#tail;
  }

  get idle(): boolean {
    return this.#running === undefined && this.#restingUntilMs === undefined;
  }

  /** Waits after a failure of the handler; undefined when it takes frames. */
  get restMs(): number | undefined {
    return this.#restingUntilMs === undefined
      ? undefined
      : Math.max(1, Math.ceil(this.#restingUntilMs - this.#around.clock.monotonicMs()));
  }

  /** The store was moved on by somebody else. */
  advance(from: number): void {
    this.#wanted = Math.max(this.#wanted, from);
    this.#tail = Math.max(this.#tail, this.#wanted);
  }

  /** False, and `settled` is not called: it does not continue what is there, or the handler rests. */
  add(batch: Batch): boolean {
    if (this.#stopped || this.#restingUntilMs !== undefined || batch.firstIndex > this.#tail) return false;
    this.#tail = Math.max(this.#tail, batch.firstIndex + batch.frames.length);
    this.#push({ kind: 'batch', batch });
    return true;
  }

  /** Nobody has anything below `first`. */
  skip(first: number): void {
    if (!this.#stopped && this.#restingUntilMs === undefined) this.#push({ kind: 'missing', first });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRest();
    this.#drop();
    await this.#running;
  }

  #push(step: Step): void {
    this.#steps.push(step);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // What came in one turn is one call of the handler where it can be.
    await Promise.resolve();
    for (let step = this.#steps.shift(); step !== undefined; step = this.#steps.shift()) {
      try {
        if (step.kind === 'missing') await this.#tellMissing(step.first);
        else await this.#deliver(step.batch);
        this.#backoff.reset();
      } catch {
        if (step.kind === 'batch') step.batch.settled('dropped');
        this.#rest();
        break;
      }
    }
    this.#running = undefined;
    this.#tail = this.#wanted;
    if (this.#stopped) return;
    if (this.#restingUntilMs === undefined) this.#events.idle();
    else this.#events.failed();
  }

  async #deliver(first: Batch): Promise<void> {
    const batches = [first, ...this.#takeContinuing(first)];
    const firstIndex = Math.max(this.#wanted, first.firstIndex);
    if (first.firstIndex > this.#wanted) {
      // The handler wanted less than it was given.
      for (const batch of batches) batch.settled('dropped');
      this.#tail = this.#wanted;
      return;
    }
    const frames = batches.flatMap((batch, at) => {
      const from = at === 0 ? firstIndex : Math.max(firstIndex, endOf(batches[at - 1] ?? first));
      return batch.frames.slice(Math.max(0, from - batch.firstIndex));
    });
    try {
      if (frames.length > 0) {
        const wanted = await this.#handler.received(this.#route, firstIndex, frames, first.from);
        this.#wanted = Math.max(this.#wanted, wanted);
      }
    } catch (error) {
      for (const batch of batches.slice(1)) batch.settled('dropped');
      throw error;
    }
    this.#tail = Math.max(this.#tail, this.#wanted);
    for (const batch of batches) batch.settled(endOf(batch) <= this.#wanted ? 'stored' : 'unwanted');
  }

  /** Those from the same peer that go on exactly where the one before ends. */
  #takeContinuing(first: Batch): Batch[] {
    const taken: Batch[] = [];
    let end = endOf(first);
    for (let next = this.#steps[0]; next?.kind === 'batch'; next = this.#steps[0]) {
      const { batch } = next;
      if (batch.firstIndex !== end || batch.from !== first.from) break;
      taken.push(batch);
      end = endOf(batch);
      this.#steps.shift();
    }
    return taken;
  }

  async #tellMissing(first: number): Promise<void> {
    if (first <= this.#wanted) return;
    const wanted = await this.#handler.missing(this.#route, first);
    this.#wanted = Math.max(first, wanted);
    this.#tail = Math.max(this.#tail, this.#wanted);
  }

  #rest(): void {
    this.#drop();
    if (this.#stopped) return;
    const { clock } = this.#around;
    const restMs = this.#backoff.next();
    this.#restingUntilMs = clock.monotonicMs() + restMs;
    this.#cancelRest = clock.after(restMs, () => {
      this.#restingUntilMs = undefined;
      this.#events.recovered();
    });
  }

  #drop(): void {
    this.#tail = this.#wanted;
    for (const step of this.#steps.splice(0)) if (step.kind === 'batch') step.batch.settled('dropped');
  }
}

function endOf(batch: Batch): number {
  return batch.firstIndex + batch.frames.length;
}
