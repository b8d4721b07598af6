/** What callers want of one queue, as the record that would do it, given where the queue stands. */
import type { AppendOutcome, AppendRefusal, QueueState, QueueStoreLimits } from '@mycelium/runtime';
import type { LoggedRecord, QueueRecord } from './record.ts';

/** What a task adds to the log. Height and id are the line's. */
export interface Draft {
  readonly state: Pick<QueueRecord, 'first' | 'next' | 'intakeDifficulty' | 'usedMs'>;
  readonly frames: readonly Uint8Array[];
}

export interface Surroundings {
  readonly nowMs: number;
  readonly limits: QueueStoreLimits;
  /** Room in the whole store. */
  readonly room: {
    takes(bytes: number): boolean;
    takesQueue(): boolean;
  };
}

/** `done`: nothing needs to be written. */
export type Plan =
  | { readonly kind: 'write'; readonly draft: Draft; readonly settle: () => void }
  | { readonly kind: 'done'; readonly settle: () => void };

export type Failure = 'store-full' | 'failed';

export interface Task {
  /** What is answered is what the store holds now, not what was remembered. */
  readonly wantsNewest: boolean;
  /** When the caller began to wait: after a while it is refused rather than kept waiting. */
  readonly sinceMs: number;
  plan(tip: LoggedRecord | undefined, around: Surroundings): Plan;
  failed(reason: Failure): void;
}

/** One frame that somebody wants appended. */
export interface AppendedFrame {
  readonly frame: Uint8Array;
  readonly index: number | undefined;
  readonly settle: (outcome: AppendOutcome) => void;
}

const refused = (reason: AppendRefusal): AppendOutcome => ({ kind: 'refused', reason });

/** Frames of any number of calls, in their order, in one record. */
export class AppendTask implements Task {
  readonly sinceMs: number;
  readonly wantsNewest = false;
  readonly frames: AppendedFrame[] = [];
  bytes = 0;

  constructor(sinceMs: number) {
    this.sinceMs = sinceMs;
  }

  add(frame: AppendedFrame): void {
    this.frames.push(frame);
    this.bytes += frame.frame.length;
  }

  plan(tip: LoggedRecord | undefined, around: Surroundings): Plan {
    if (tip === undefined) return { kind: 'done', settle: () => this.#settleAll(refused('no-queue')) };
    const { limits, nowMs, room } = around;
    const outcomes: AppendOutcome[] = [];
    const taken: Uint8Array[] = [];
    let { next } = tip;
    let bytes = 0;
    for (const { frame, index } of this.frames) {
      if (index !== undefined && index !== next) outcomes.push(refused('out-of-order'));
      else if (next - tip.first >= limits.framesPerQueueMax) outcomes.push(refused('queue-full'));
      else if (!room.takes(bytes + frame.length)) outcomes.push(refused('store-full'));
      else {
        outcomes.push({ kind: 'stored', index: next, expiresMs: nowMs + limits.retentionMs });
        taken.push(frame);
        next += 1;
        bytes += frame.length;
      }
    }
    const settle = (): void => {
      for (const [at, outcome] of outcomes.entries()) this.frames[at]?.settle(outcome);
    };
    if (taken.length === 0) return { kind: 'done', settle };
    const { first, intakeDifficulty } = tip;
    return {
      kind: 'write',
      draft: { state: { first, next, intakeDifficulty, usedMs: nowMs }, frames: taken },
      settle,
    };
  }

  failed(reason: Failure): void {
    this.#settleAll(refused(reason));
  }

  /** Frames that are for a certain index; those of an intake stay. */
  refuseIndexed(): void {
    const indexed = this.frames.filter(({ index }) => index !== undefined);
    const others = this.frames.filter(({ index }) => index === undefined);
    this.frames.splice(0, this.frames.length, ...others);
    this.bytes = others.reduce((sum, { frame }) => sum + frame.length, 0);
    for (const { settle } of indexed) settle(refused('out-of-order'));
  }

  #settleAll(outcome: AppendOutcome): void {
    for (const { settle } of this.frames) settle(outcome);
  }
}

/** A queue that is only opened is written down again once a day, so that it is not forgotten as unused. */
const useWrittenEveryMs = 24 * 3_600_000;

export class OpenTask implements Task {
  readonly sinceMs: number;
  readonly wantsNewest = true;
  readonly #base: number;
  readonly #intakeDifficulty: number | undefined;
  readonly #settle: (outcome: QueueState | Failure) => void;

  constructor(
    sinceMs: number,
    open: { readonly base: number; readonly intakeDifficulty: number | undefined },
    settle: (outcome: QueueState | Failure) => void,
  ) {
    this.sinceMs = sinceMs;
    this.#base = open.base;
    this.#intakeDifficulty = open.intakeDifficulty;
    this.#settle = settle;
  }

  plan(tip: LoggedRecord | undefined, { nowMs, room }: Surroundings): Plan {
    if (tip === undefined && !room.takesQueue())
      return { kind: 'done', settle: () => this.failed('store-full') };
    const jumps = tip === undefined || this.#base > tip.next;
    const first = jumps ? this.#base : tip.first;
    const next = jumps ? this.#base : tip.next;
    const intakeDifficulty = this.#intakeDifficulty;
    const settle = (): void => this.#settle({ first, next, intakeDifficulty });
    const isWritten = !jumps && tip.intakeDifficulty === intakeDifficulty;
    if (isWritten && nowMs - tip.usedMs < useWrittenEveryMs) return { kind: 'done', settle };
    const usedMs = Math.max(nowMs, tip?.usedMs ?? 0);
    return { kind: 'write', draft: { state: { first, next, intakeDifficulty, usedMs }, frames: [] }, settle };
  }

  failed(reason: Failure): void {
    this.#settle(reason);
  }
}

export class TrimTask implements Task {
  readonly sinceMs: number;
  readonly wantsNewest = false;
  readonly #upTo: number;
  /** Hears whether there is something to delete now. */
  readonly #settle: (trimmed: boolean) => void;
  readonly #fail: (error: Error) => void;

  constructor(
    sinceMs: number,
    upTo: number,
    settle: (trimmed: boolean) => void,
    fail: (error: Error) => void,
  ) {
    this.sinceMs = sinceMs;
    this.#upTo = upTo;
    this.#settle = settle;
    this.#fail = fail;
  }

  plan(tip: LoggedRecord | undefined): Plan {
    if (tip === undefined || this.#upTo <= tip.first)
      return { kind: 'done', settle: () => this.#settle(false) };
    const { next, intakeDifficulty, usedMs } = tip;
    const state = { first: Math.min(this.#upTo, next), next, intakeDifficulty, usedMs };
    return { kind: 'write', draft: { state, frames: [] }, settle: () => this.#settle(true) };
  }

  failed(reason: Failure): void {
    this.#fail(new Error(`the trim could not be written: ${reason}`));
  }
}
