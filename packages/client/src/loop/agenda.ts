/**
 * Work that is due at a time, kept in the store: publishing, introductions that nobody has stored yet, rotation of
 * keys. Work is known by its name; what has the name `kind` or `kind:rest` is done by the doer of that kind, which
 * takes it off the agenda or puts it at a later time when it is through.
 */
import type { Clock } from '@mycelium/runtime';
import { textKey } from '../store/keys.ts';
import { tables } from '../store/tables.ts';
import type { Draft } from './draft.ts';
import type { Rows } from './rows.ts';

/** Does the work called `name`. Rejections are tried again. */
export type Doer = (name: string) => Promise<void>;

/** The wall clock may jump: it is looked at this often whatever is due. */
const lookMs = 30_000;
const usualDelays: RetryDelays = { firstMs: 2_000, maxMs: 600_000 };

/** Two seconds unless told, doubling up to ten minutes unless told. */
export function retryDelayMs(attempts: number, { firstMs, maxMs }: RetryDelays = usualDelays): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(attempts, 16));
}

export interface RetryDelays {
  readonly firstMs: number;
  readonly maxMs: number;
}

export function planWork(draft: Draft, name: string, dueMs: number): void {
  draft.put(tables.agenda, textKey(name), { dueMs, attempts: 0 });
  draft.effect({ kind: 'agenda' });
}

/** After a failure: later each time. */
export function postponeWork(draft: Draft, name: string, delays: RetryDelays = usualDelays): void {
  const attempts = (draft.get(tables.agenda, textKey(name))?.attempts ?? 0) + 1;
  const dueMs = draft.nowMs + retryDelayMs(attempts - 1, delays);
  draft.put(tables.agenda, textKey(name), { dueMs, attempts });
  draft.effect({ kind: 'agenda' });
}

export function workDone(draft: Draft, name: string): void {
  draft.delete(tables.agenda, textKey(name));
}

export class Agenda {
  readonly #clock: Clock;
  readonly #rows: Rows;
  readonly #doers: Readonly<Record<string, Doer>>;
  readonly #failed: (name: string) => Promise<void>;
  readonly #running = new Map<string, Promise<void>>();
  #cancel: (() => void) | undefined;
  #started = false;

  /** `failed`: postpones work whose doer rejected. */
  constructor(ports: {
    readonly clock: Clock;
    readonly rows: Rows;
    readonly doers: Readonly<Record<string, Doer>>;
    readonly failed: (name: string) => Promise<void>;
  }) {
    this.#clock = ports.clock;
    this.#rows = ports.rows;
    this.#doers = ports.doers;
    this.#failed = ports.failed;
  }

  start(): void {
    this.#started = true;
    this.look();
  }

  async stop(): Promise<void> {
    this.#started = false;
    this.#cancel?.();
    await Promise.all(this.#running.values());
  }

  /** Begins what is due and sets the alarm for what is due next. */
  look(): void {
    if (!this.#started) return;
    this.#cancel?.();
    const nowMs = this.#clock.nowMs();
    let waitMs = lookMs;
    for (const { key, row } of this.#rows.scan(tables.agenda)) {
      const name = String.fromCharCode(...key);
      if (this.#running.has(name)) continue;
      if (row.dueMs <= nowMs) this.#begin(name);
      else waitMs = Math.min(waitMs, row.dueMs - nowMs);
    }
    this.#cancel = this.#clock.after(waitMs, () => this.look());
  }

  #begin(name: string): void {
    const doer = this.#doers[name.split(':')[0] ?? ''];
    if (doer === undefined) return;
    const work = doer(name)
      .catch(() => this.#failed(name).catch(() => undefined))
      .then(() => {
        this.#running.delete(name);
        if (this.#started) this.#lookSoon();
      });
    this.#running.set(name, work);
  }

  /** Not at once: work that neither went off the agenda nor to a later time must not spin. */
  #lookSoon(): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(1, () => this.look());
  }
}
