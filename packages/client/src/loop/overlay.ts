/**
 * Changes laid over rows: read as if they were there, encoded and written when somebody commits them. Steps that share
 * a commit share one overlay; what a step that fails has changed is undone.
 */
import { compareBytes } from '@mycelium/protocol';
import type { ScanRange } from '@mycelium/runtime';
import { KeyMap } from '../store/key-map.ts';
import type { Change } from '../store/runs.ts';
import type { Table } from '../store/table.ts';
import type { Keyed, Rows } from './rows.ts';

export interface TableChanges {
  readonly table: Table<unknown>;
  readonly changes: readonly Change[];
}

interface Changed {
  readonly table: Table<unknown>;
  readonly byKey: KeyMap<Change>;
  /** In the order of their keys, once somebody has asked for it. */
  order: Change[] | undefined;
}

interface Before {
  readonly changed: Changed;
  readonly key: Uint8Array;
  readonly change: Change | undefined;
}

export class Overlay implements Rows {
  #below: Rows;
  readonly #tables = new Map<string, Changed>();
  /** How to get back to where the step began. */
  #undo: Before[] = [];

  constructor(below: Rows) {
    this.#below = below;
  }

  /** What it lay over is in these rows now, or will never be anywhere. */
  lieOver(below: Rows): void {
    this.#below = below;
  }

  get<Row>(table: Table<Row>, key: Uint8Array): Row | undefined {
    const change = this.#tables.get(table.name)?.byKey.get(key);
    return change === undefined ? this.#below.get(table, key) : (change.row as Row | undefined);
  }

  scan<Row>(table: Table<Row>, range: ScanRange = {}): readonly Keyed<Row>[] {
    const changed = this.#tables.get(table.name);
    const changes = changed === undefined ? [] : within(orderOf(changed), range);
    if (changes.length === 0) return this.#below.scan(table, range);
    const { limit } = range;
    // Only what is deleted here can make rows from below fall short of the limit.
    const enough = limit === undefined ? {} : { limit: limit + deletions(changes) };
    const below = this.#below.scan(table, { ...range, ...enough });
    return merge(below, changes, range.reverse === true, limit) as readonly Keyed<Row>[];
  }

  put<Row>(table: Table<Row>, key: Uint8Array, row: Row): void {
    this.#change(table as Table<unknown>, { key, row });
  }

  delete(table: Table<unknown>, key: Uint8Array): void {
    this.#change(table, { key, row: undefined });
  }

  /** A step begins: what the last one changed stays. */
  begin(): void {
    this.#undo = [];
  }

  /** Takes back everything since the step began. */
  undo(): void {
    for (const { changed, key, change } of this.#undo.toReversed()) {
      if (change === undefined) changed.byKey.delete(key);
      else changed.byKey.set(key, change);
      changed.order = undefined;
    }
    this.#undo = [];
  }

  /** Table by table, of numbered ones in the order of their keys. */
  changes(): readonly TableChanges[] {
    return Array.from(this.#tables.values(), (changed) => {
      const { table } = changed;
      return { table, changes: table.isNumbered ? orderOf(changed) : changed.byKey.values() };
    });
  }

  #change(table: Table<unknown>, change: Change): void {
    const { key } = change;
    let changed = this.#tables.get(table.name);
    if (changed === undefined) {
      changed = { table, byKey: new KeyMap(), order: undefined };
      this.#tables.set(table.name, changed);
    }
    const before = changed.byKey.get(key);
    this.#undo.push({ changed, key, change: before });
    changed.byKey.set(key, change);
    if (changed.order !== undefined) insert(changed.order, change, before !== undefined);
  }
}

function orderOf(changed: Changed): readonly Change[] {
  changed.order ??= changed.byKey.values().toSorted((left, right) => compareBytes(left.key, right.key));
  return changed.order;
}

/** Rows are mostly put in the order of their keys: then this is the end of the list. */
function insert(order: Change[], change: Change, replaces: boolean): void {
  const last = order.at(-1);
  if (last !== undefined && compareBytes(last.key, change.key) < 0) {
    order.push(change);
    return;
  }
  order.splice(positionOf(order, change.key), replaces ? 1 : 0, change);
}

/** Index of the first change whose key is not below `key`. */
function positionOf(order: readonly Change[], key: Uint8Array): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const change = order[middle];
    if (change !== undefined && compareBytes(change.key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function within(order: readonly Change[], { from, to }: ScanRange): readonly Change[] {
  const start = from === undefined ? 0 : positionOf(order, from);
  const end = to === undefined ? order.length : positionOf(order, to);
  return order.slice(start, Math.max(start, end));
}

function deletions(changes: readonly Change[]): number {
  return changes.reduce((count, { row }) => count + (row === undefined ? 1 : 0), 0);
}

/** Both in order, as many as asked for; where both have a key, the change counts. */
function merge(
  below: readonly Keyed<unknown>[],
  changes: readonly Change[],
  reverse: boolean,
  limit = Infinity,
): readonly Keyed<unknown>[] {
  const merged: Keyed<unknown>[] = [];
  const above = reverse ? changes.toReversed() : changes;
  let at = 0;
  for (const change of above) {
    for (let row = below[at]; row !== undefined; row = below[at]) {
      const order = compareBytes(row.key, change.key) * (reverse ? -1 : 1);
      if (order > 0) break;
      at += 1;
      if (order < 0) merged.push(row);
      else break;
    }
    if (merged.length >= limit) break;
    if (change.row !== undefined) merged.push({ key: change.key, row: change.row });
  }
  return merged.concat(below.slice(at)).slice(0, limit);
}
