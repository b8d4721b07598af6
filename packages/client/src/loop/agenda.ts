/**
 * Work that is due at a time, kept in the store: publishing, introductions that nobody has stored yet, rotation of
 * keys. Work is known by its name; what has the name `kind` or `kind:rest` is done by the doer of that kind, which
 * takes it off the agenda or puts it at a later time when it is through.
 */
import { decodeUtf8 } from '@mycelium/protocol';
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
  draft.effect({ kind: 'agenda', name });
}

/** After a failure: later each time. */
export function postponeWork(draft: Draft, name: string, delays: RetryDelays = usualDelays): void {
  const attempts = (draft.get(tables.agenda, textKey(name))?.attempts ?? 0) + 1;
  const dueMs = draft.nowMs + retryDelayMs(attempts - 1, delays);
  draft.put(tables.agenda, textKey(name), { dueMs, attempts });
  draft.effect({ kind: 'agenda', name });
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
  /** When each work is due, as its row says or said: there may be some for each contact, and few are due. */
  readonly #dueMs = new Map<string, number>();
  #alarmMs = Number.POSITIVE_INFINITY;
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
    for (const { key, row } of this.#rows.scan(tables.agenda)) {
      const name = decodeUtf8(key);
      if (name !== undefined) this.#dueMs.set(name, row.dueMs);
    }
    this.#look();
  }

  /** Work of this name was planned. */
  planned(name: string): void {
    if (!this.#started) return;
    const dueMs = this.#learn(name);
    if (dueMs === undefined || this.#running.has(name)) return;
    const nowMs = this.#clock.nowMs();
    if (dueMs <= nowMs) this.#begin(name);
    else if (dueMs < this.#alarmMs) this.#setAlarm(dueMs - nowMs);
  }

  async stop(): Promise<void> {
    this.#started = false;
    this.#cancel?.();
    await Promise.all(this.#running.values());
  }

  /** Begins what is due and sets the alarm for what is due next. */
  #look(): void {
    if (!this.#started) return;
    const nowMs = this.#clock.nowMs();
    let waitMs = lookMs;
    for (const [name, knownMs] of this.#dueMs) {
      if (this.#running.has(name)) continue;
      // It may have been done on another way since.
      const dueMs = knownMs <= nowMs ? this.#learn(name) : knownMs;
      if (dueMs === undefined) continue;
      if (dueMs <= nowMs) this.#begin(name);
      else waitMs = Math.min(waitMs, dueMs - nowMs);
    }
    this.#setAlarm(waitMs);
  }

  #setAlarm(waitMs: number): void {
    this.#cancel?.();
    this.#alarmMs = this.#clock.nowMs() + waitMs;
    this.#cancel = this.#clock.after(waitMs, () => this.#look());
  }

  /** As its row says now. */
  #learn(name: string): number | undefined {
    const row = this.#rows.get(tables.agenda, textKey(name));
    if (row === undefined) this.#dueMs.delete(name);
    else this.#dueMs.set(name, row.dueMs);
    return row?.dueMs;
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
    this.#setAlarm(1);
  }
}
