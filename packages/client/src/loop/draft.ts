/**
 * One step of the client in the making. A transition reads rows through the draft and gives it writes, effects and
 * secrets that have had their time; nothing of it happens unless the step ends, and then all writes are one commit.
 * Reads see the draft's own writes.
 */
import type { ScanRange } from '@mycelium/runtime';
import type { ClientEvent } from '../client.ts';
import { numberKey, numberOfKey } from '../store/keys.ts';
import { tables } from '../store/tables.ts';
import type { Table } from '../store/table.ts';
import type { Effect } from './effect.ts';
import type { Overlay } from './overlay.ts';
import type { Keyed, Rows } from './rows.ts';

/** A `ClientEvent` without what the draft fills in. */
export type Announcement = ClientEvent extends infer Event
  ? Event extends ClientEvent
    ? Omit<Event, 'eventId' | 'time'>
    : never
  : never;

/** What a step asks for, beside its changes. */
export interface StepOutcome {
  readonly effects: readonly Effect[];
  readonly events: readonly ClientEvent[];
  readonly retired: readonly Uint8Array[];
}

export class Draft implements Rows {
  readonly nowMs: number;
  readonly #rows: Overlay;
  readonly #effects: Effect[] = [];
  readonly #events: ClientEvent[] = [];
  readonly #retired: Uint8Array[] = [];
  #lastEventId: number | undefined;

  /** Changes go to `rows`. */
  constructor(rows: Overlay, nowMs: number) {
    this.#rows = rows;
    this.nowMs = nowMs;
  }

  get<Row>(table: Table<Row>, key: Uint8Array): Row | undefined {
    return this.#rows.get(table, key);
  }

  scan<Row>(table: Table<Row>, range: ScanRange = {}): readonly Keyed<Row>[] {
    return this.#rows.scan(table, range);
  }

  put<Row>(table: Table<Row>, key: Uint8Array, row: Row): void {
    this.#rows.put(table, key, row);
  }

  delete(table: Table<unknown>, key: Uint8Array): void {
    this.#rows.delete(table, key);
  }

  /** From `from` (inclusive) to `to` (exclusive). */
  deleteRange(table: Table<unknown>, from: Uint8Array, to: Uint8Array): void {
    for (const { key } of this.#rows.scan(table, { from, to })) this.delete(table, key);
  }

  /** What to do once this step is on disk, in this order. */
  effect(effect: Effect): void {
    this.#effects.push(effect);
  }

  /** Kept durably and told to listeners once this step is on disk. */
  announce(announcement: Announcement): void {
    const eventId = (this.#lastEventId ?? this.#newestEventId()) + 1;
    this.#lastEventId = eventId;
    const event: ClientEvent = { eventId, time: this.nowMs, ...announcement };
    this.put(tables.events, numberKey(eventId), event);
    this.#events.push(event);
  }

  #newestEventId(): number {
    const newest = this.#rows.scan(tables.events, { reverse: true, limit: 1 })[0];
    return newest === undefined ? 0 : numberOfKey(newest.key);
  }

  /** Secrets that nothing needs once this step is on disk; the loop wipes them. */
  retire(...secrets: readonly Uint8Array[]): void {
    this.#retired.push(...secrets);
  }

  outcome(): StepOutcome {
    return { effects: this.#effects, events: this.#events, retired: this.#retired };
  }
}
