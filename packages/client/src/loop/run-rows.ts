/**
 * Rows of numbered tables, read from and written to their runs (store/runs.ts). New rows of one commit whose numbers
 * follow each other begin runs of their own; a change of a row that is there is a change of its run.
 */
import { bytesEqual, compareBytes, concatBytes } from '@mycelium/protocol';
import type { ClientStore, ScanRange, Write } from '@mycelium/runtime';
import { KeyMap } from '../store/key-map.ts';
import { numberBytes, numberKey, prefixRange } from '../store/keys.ts';
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
import { firstFrom, numberOf, placeOf, runHolding, RunTails, type Tail } from './run-tails.ts';

/** Runs of one table that were used lately; then all are let go. */
const runsKept = 64;
const zero = Uint8Array.of(0);
/** Behind all rows of a table that counts one thing only, as events are. */
const last = numberKey(Number.MAX_SAFE_INTEGER);

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
  readonly #tails = new Map<string, RunTails>();

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
      this.#tails.get(table.name)?.stored(run);
    }
  }

  /** Undefined: the store has to be asked what is there from this place on. */
  #tail(table: Table<unknown>, key: Uint8Array): Tail | undefined {
    return key.length < numberBytes ? undefined : this.#tails.get(table.name)?.from(placeOf(key));
  }

  #beginTail(table: Table<unknown>, key: Uint8Array): void {
    const tails = this.#tails.get(table.name) ?? new RunTails(table.name);
    this.#tails.set(table.name, tails);
    tails.begin(placeOf(key));
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
    const end = this.#nextBegin(table, key);
    return { key, rows: [row], isStored: false, end };
  }

  /** Where the next run begins, of whatever it is. */
  #nextBegin(table: Table<unknown>, key: Uint8Array): Uint8Array | undefined {
    const tail = this.#tail(table, key);
    if (tail !== undefined) return tail.runs[firstFrom(tail, numberOf(key))]?.key;
    const next = this.#store.scan(table.name, { from: key, limit: 1 })[0]?.key;
    if (next === undefined || offsetOf(key, next) === undefined) this.#beginTail(table, key);
    return next;
  }

  /** The run in which the key has its place. */
  #runAt(table: Table<unknown>, key: Uint8Array): Run | undefined {
    const tail = this.#tail(table, key);
    if (tail !== undefined) return runHolding(tail, key);
    const run = this.#before(table, key, concatBytes(key, zero));
    return run !== undefined && holds(run, key) ? run : undefined;
  }

  /** The last one of the same thing as `key` that begins before `to`. */
  #before(table: Table<unknown>, key: Uint8Array, to: Uint8Array): Run | undefined {
    const from = key.slice().fill(0, Math.max(0, key.length - numberBytes));
    const [row] = this.#store.scan(table.name, { from, to, reverse: true, limit: 1 });
    return row === undefined ? undefined : this.#run(table, row.key, row.value);
  }

  /** All that may have rows in the range, in its order. */
  *#runs(table: Table<unknown>, range: ScanRange): Generator<Run> {
    const { from, to, reverse = false, limit } = range;
    const tail = from === undefined ? undefined : this.#tail(table, from);
    if (from !== undefined && tail !== undefined && isOfOneThing(from, to)) {
      yield* reverse
        ? tail.runs.toReversed()
        : tail.runs.slice(Math.max(0, firstFrom(tail, numberOf(from)) - 1));
      return;
    }
    const newest = from === undefined && to === undefined && reverse ? this.#tail(table, last) : undefined;
    if (newest !== undefined) {
      yield* newest.runs.toReversed();
      return yield* this.#runs(table, { ...range, to: numberKey(newest.from) });
    }
    // It may reach into the range.
    const before = from === undefined ? undefined : this.#before(table, from, from);
    if (!reverse && before !== undefined) yield before;
    const runs = limit === undefined ? {} : { limit: Math.ceil(limit / runRowsMax) };
    let rest: ScanRange = { ...(from && { from }), ...(to && { to }), reverse, ...runs };
    for (;;) {
      const rows = this.#store.scan(table.name, rest);
      for (const { key, value } of rows) yield this.#run(table, key, value);
      const end = rows.at(-1);
      if (end === undefined || rest.limit === undefined || rows.length < rest.limit) break;
      rest = reverse ? { ...rest, to: end.key } : { ...rest, from: concatBytes(end.key, zero) };
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

/** Nothing else has rows between these bounds. */
function isOfOneThing(from: Uint8Array, to: Uint8Array | undefined): boolean {
  const counted = from.subarray(0, from.length - numberBytes);
  if (to === undefined) return counted.length === 0;
  if (offsetOf(from, to) !== undefined) return true;
  return bytesEqual(to, prefixRange(counted).to);
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
