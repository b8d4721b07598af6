/**
 * Rows of numbered tables, read from and written to their runs (store/runs.ts). New rows of one commit whose numbers
 * follow each other begin runs of their own; a change of a row that is there is a change of its run.
 */
import { compareBytes, concatBytes } from '@mycelium/protocol';
import type { ClientStore, ScanRange, Write } from '@mycelium/runtime';
import { KeyMap } from '../store/key-map.ts';
import { numberBytes, numberOfKey } from '../store/keys.ts';
import {
  decodeRun,
  encodeRun,
  holds,
  offsetOf,
  rowAt,
  rowsWithin,
  runRowsMax,
  type Run,
  type Change,
  type Keyed,
} from '../store/runs.ts';
import type { Table } from '../store/table.ts';

/** Runs of one table that were used lately; then all are let go. */
const runsKept = 64;
/** Of so many feeds or queues it is known where they end; then all are let go. */
const endsKept = 1_024;
const zero = Uint8Array.of(0);

export interface RunWrites {
  readonly writes: readonly Write[];
  /** As they will be; without rows: gone. */
  readonly runs: readonly Run[];
}

/** A run in the making. */
interface RunDraft {
  readonly key: Uint8Array;
  readonly rows: unknown[];
  readonly isStored: boolean;
  /** Where the next stored run begins: a new one ends before it. */
  readonly end: Uint8Array | undefined;
}

export class RunRows {
  readonly #store: ClientStore;
  readonly #known = new Map<string, KeyMap<Run>>();
  /** By table and by what is counted: no run that is stored reaches to this number. */
  readonly #ends = new Map<string, KeyMap<number>>();

  constructor(store: ClientStore) {
    this.#store = store;
  }

  get<Row>(table: Table<Row>, key: Uint8Array): Row | undefined {
    const run = this.#runAt(table as Table<unknown>, key);
    return run === undefined ? undefined : (rowAt(run, key) as Row | undefined);
  }

  scan<Row>(table: Table<Row>, range: ScanRange): readonly Keyed<Row>[] {
    const { reverse = false, limit = Infinity } = range;
    const found: Keyed<unknown>[] = [];
    for (const run of this.#runs(table as Table<unknown>, range)) {
      if (found.length >= limit) break;
      const rows = rowsWithin(run, range);
      found.push(...(reverse ? rows.reverse() : rows));
    }
    return (found.length > limit ? found.slice(0, limit) : found) as Keyed<Row>[];
  }

  /** `changes`: of one table, in the order of their keys. */
  writes(table: Table<unknown>, changes: readonly Change[]): RunWrites {
    const drafts: RunDraft[] = [];
    for (const change of changes) {
      const last = drafts.at(-1);
      if (last !== undefined && putInto(last, change)) continue;
      const begun = this.#begin(table, change);
      if (begun !== undefined) drafts.push(begun);
    }
    const writes: Write[] = [];
    for (const { key, rows, isStored } of drafts) {
      while (rows.length > 0 && rows.at(-1) === undefined) rows.pop();
      if (rows.length > 0)
        writes.push({ kind: 'put', table: table.name, key, value: encodeRun(table, rows) });
      else if (isStored) writes.push({ kind: 'delete', table: table.name, key });
    }
    return { writes, runs: drafts };
  }

  /** These are what is stored now. */
  committed(table: Table<unknown>, runs: readonly Run[]): void {
    for (const run of runs) {
      if (run.rows.length > 0) this.#keep(table, run);
      else this.#known.get(table.name)?.delete(run.key);
      this.#endsAt(table, run);
    }
  }

  /** Whatever is stored of this was put before, and stands before the key: what comes next is not looked for. */
  #isBeyond(table: Table<unknown>, key: Uint8Array): boolean {
    const { counted, number } = placeOf(key);
    return number >= (this.#ends.get(table.name)?.get(counted) ?? Infinity);
  }

  #endsAt(table: Table<unknown>, { key, rows }: Run): void {
    const ends = this.#ends.get(table.name);
    const { counted, number } = placeOf(key);
    const end = ends?.get(counted);
    if (end !== undefined) ends?.set(counted, Math.max(end, number + rows.length));
  }

  #beginsAtEnd(table: Table<unknown>, key: Uint8Array): void {
    let ends = this.#ends.get(table.name);
    if (ends === undefined || ends.size >= endsKept) {
      ends = new KeyMap();
      this.#ends.set(table.name, ends);
    }
    const { counted, number } = placeOf(key);
    ends.set(counted, number);
  }

  /** The run that a change belongs to, with the change; undefined: it deletes what is not there. */
  #begin(table: Table<unknown>, { key, row }: Change): RunDraft | undefined {
    const run = this.#runAt(table, key);
    if (run !== undefined) {
      const draft = { key: run.key, rows: [...run.rows], isStored: true, end: undefined };
      draft.rows[offsetOf(run.key, key) ?? 0] = row;
      return draft;
    }
    if (row === undefined) return undefined;
    const end = this.#isBeyond(table, key) ? undefined : this.#nextBegin(table, key);
    return { key, rows: [row], isStored: false, end };
  }

  /** Where the next run begins, of whatever it is. */
  #nextBegin(table: Table<unknown>, key: Uint8Array): Uint8Array | undefined {
    const next = this.#store.scan(table.name, { from: key, limit: 1 })[0]?.key;
    if (next === undefined || offsetOf(key, next) === undefined) this.#beginsAtEnd(table, key);
    return next;
  }

  /** The run in which the key has its place. */
  #runAt(table: Table<unknown>, key: Uint8Array): Run | undefined {
    if (this.#isBeyond(table, key)) return undefined;
    const run = this.#before(table, concatBytes(key, zero));
    return run !== undefined && holds(run, key) ? run : undefined;
  }

  /** The last one that begins before a key. */
  #before(table: Table<unknown>, key: Uint8Array): Run | undefined {
    const [row] = this.#store.scan(table.name, { to: key, reverse: true, limit: 1 });
    return row === undefined ? undefined : this.#run(table, row.key, row.value);
  }

  /** All that may have rows in the range, in its order. */
  *#runs(table: Table<unknown>, range: ScanRange): Generator<Run> {
    const { from, to, reverse = false, limit } = range;
    // It may reach into the range.
    const before = from === undefined ? undefined : this.#before(table, from);
    if (!reverse && before !== undefined) yield before;
    const runs = limit === undefined ? {} : { limit: Math.ceil(limit / runRowsMax) };
    let rest: ScanRange = { ...(from && { from }), ...(to && { to }), reverse, ...runs };
    for (;;) {
      const rows = this.#store.scan(table.name, rest);
      for (const { key, value } of rows) yield this.#run(table, key, value);
      const last = rows.at(-1);
      if (last === undefined || rest.limit === undefined || rows.length < rest.limit) break;
      rest = reverse ? { ...rest, to: last.key } : { ...rest, from: concatBytes(last.key, zero) };
    }
    if (reverse && before !== undefined) yield before;
  }

  #run(table: Table<unknown>, key: Uint8Array, value: Uint8Array): Run {
    const known = this.#known.get(table.name)?.get(key);
    if (known !== undefined) return known;
    const run = decodeRun(table, key, value);
    this.#keep(table, run);
    return run;
  }

  #keep(table: Table<unknown>, run: Run): void {
    let known = this.#known.get(table.name);
    if (known === undefined || known.size >= runsKept) {
      known = new KeyMap();
      this.#known.set(table.name, known);
    }
    known.set(run.key, run);
  }
}

function placeOf(key: Uint8Array): { readonly counted: Uint8Array; readonly number: number } {
  const end = key.length - numberBytes;
  return { counted: key.subarray(0, end), number: numberOfKey(key, end) };
}

/** False: it belongs to another run. */
function putInto({ key: first, rows, isStored, end }: RunDraft, { key, row }: Change): boolean {
  const offset = offsetOf(first, key);
  if (offset === undefined) return false;
  const isNext = offset === rows.length && !isStored && row !== undefined && rows.length < runRowsMax;
  if (offset >= rows.length && (!isNext || (end !== undefined && compareBytes(key, end) >= 0))) return false;
  rows[offset] = row;
  return true;
}
