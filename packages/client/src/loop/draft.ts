/**
 * One step of the client in the making. A transition reads rows through the draft and gives it writes, effects and
 * secrets that have had their time; nothing of it happens unless the step ends, and then all writes are one commit.
 * Reads see the draft's own writes.
 */
import { bytesEqual, compareBytes } from '@mycelium/protocol';
import type { ClientStore, ScanRange, Write } from '@mycelium/runtime';
import type { ClientEvent } from '../client.ts';
import { mapKey, numberKey, numberOfKey } from '../store/keys.ts';
import { tables } from '../store/tables.ts';
import type { Table } from '../store/table.ts';
import type { Effect } from './effect.ts';

export interface Keyed<Row> {
  readonly key: Uint8Array;
  readonly row: Row;
}

/** A `ClientEvent` without what the draft fills in. */
export type Announcement = ClientEvent extends infer Event
  ? Event extends ClientEvent
    ? Omit<Event, 'eventId' | 'time'>
    : never
  : never;

/** Reading what is stored, with or without a step in the making. */
export interface Rows {
  get<Row>(table: Table<Row>, key: Uint8Array): Row | undefined;
  scan<Row>(table: Table<Row>, range?: ScanRange): readonly Keyed<Row>[];
}

/** The rows of the last commit: for views. */
export function storedRows(store: ClientStore): Rows {
  return {
    get: (table, key) => {
      const bytes = store.get(table.name, key);
      return bytes === undefined ? undefined : table.decode(bytes);
    },
    scan: (table, range) =>
      store.scan(table.name, range).map(({ key, value }) => ({ key, row: table.decode(value) })),
  };
}

interface Change {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

export class Draft implements Rows {
  readonly nowMs: number;
  readonly #store: ClientStore;
  readonly #changes = new Map<string, Map<string, Change>>();
  readonly #effects: Effect[] = [];
  readonly #events: ClientEvent[] = [];
  readonly #retired: Uint8Array[] = [];

  constructor(store: ClientStore, nowMs: number) {
    this.#store = store;
    this.nowMs = nowMs;
  }

  get<Row>(table: Table<Row>, key: Uint8Array): Row | undefined {
    const change = this.#changes.get(table.name)?.get(mapKey(key));
    const bytes = change === undefined ? this.#store.get(table.name, key) : change.value;
    return bytes === undefined ? undefined : table.decode(bytes);
  }

  scan<Row>(table: Table<Row>, range: ScanRange = {}): readonly Keyed<Row>[] {
    const changes = this.#changes.get(table.name);
    const enough = range.limit === undefined ? {} : { limit: range.limit + (changes?.size ?? 0) };
    const stored = this.#store.scan(table.name, { ...range, ...enough });
    const merged = new Map(stored.map(({ key, value }) => [mapKey(key), { key, value }]));
    for (const [name, change] of changes ?? []) {
      if (!isWithin(change.key, range)) continue;
      if (change.value === undefined) merged.delete(name);
      else merged.set(name, { key: change.key, value: change.value });
    }
    const rows = [...merged.values()].toSorted((left, right) => compareBytes(left.key, right.key));
    if (range.reverse === true) rows.reverse();
    const limited = range.limit === undefined ? rows : rows.slice(0, range.limit);
    return limited.map(({ key, value }) => ({ key, row: table.decode(value) }));
  }

  put<Row>(table: Table<Row>, key: Uint8Array, row: Row): void {
    this.#change(table.name, { key, value: table.encode(row) });
  }

  delete(table: Table<unknown>, key: Uint8Array): void {
    this.#change(table.name, { key, value: undefined });
  }

  /** From `from` (inclusive) to `to` (exclusive). */
  deleteRange(table: Table<unknown>, from: Uint8Array, to: Uint8Array): void {
    for (const { key } of this.#store.scan(table.name, { from, to })) this.delete(table, key);
    for (const change of this.#changes.get(table.name)?.values() ?? []) {
      if (isWithin(change.key, { from, to })) this.delete(table, change.key);
    }
  }

  #change(name: string, change: Change): void {
    const changes = this.#changes.get(name) ?? new Map<string, Change>();
    this.#changes.set(name, changes.set(mapKey(change.key), change));
  }

  /** What to do once this step is on disk, in this order. */
  effect(effect: Effect): void {
    this.#effects.push(effect);
  }

  /** Kept durably and told to listeners once this step is on disk. */
  announce(announcement: Announcement): void {
    const newest = this.scan(tables.events, { reverse: true, limit: 1 })[0];
    const eventId = newest === undefined ? 1 : numberOfKey(newest.key) + 1;
    const event: ClientEvent = { eventId, time: this.nowMs, ...announcement };
    this.put(tables.events, numberKey(eventId), event);
    this.#events.push(event);
  }

  /** Secrets that nothing needs once this step is on disk; the loop wipes them. */
  retire(...secrets: readonly Uint8Array[]): void {
    this.#retired.push(...secrets);
  }

  finish(): {
    readonly writes: readonly Write[];
    readonly effects: readonly Effect[];
    readonly events: readonly ClientEvent[];
    readonly retired: readonly Uint8Array[];
  } {
    const writes: Write[] = [];
    for (const [table, changes] of this.#changes) {
      for (const { key, value } of changes.values()) {
        writes.push(
          value === undefined ? { kind: 'delete', table, key } : { kind: 'put', table, key, value },
        );
      }
    }
    return { writes, effects: this.#effects, events: this.#events, retired: this.#retired };
  }
}

function isWithin(key: Uint8Array, range: ScanRange): boolean {
  if (range.from !== undefined && compareBytes(key, range.from) < 0) return false;
  return range.to === undefined || (compareBytes(key, range.to) < 0 && !bytesEqual(key, range.to));
}
