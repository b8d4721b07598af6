/**
 * What is stored at the ends of numbered tables, in memory: where the next rows of a feed or a queue go, and the runs there
 * that were written since. Texts to thousands of contacts are one here and one there: what was put last is what
 * receipts and acknowledgements ask for next, and none of it is looked for in the store.
 */
import { KeyMap } from '../store/key-map.ts';
import { numberBytes, numberOfKey } from '../store/keys.ts';
import { holds, type Run } from '../store/runs.ts';
import { tables } from '../store/tables.ts';

/** In the tails of one table, more or less; then all are let go. */
const bytesKept = 8 * 1024 * 1024;
/** Of one thing; the oldest are let go. */
const runsKept = 256;
/** Where nobody asks again for what was put, beyond what was put last. */
const passing: ReadonlySet<string> = new Set([tables.events, tables.positions].map(({ name }) => name));
/** What a tail without runs takes, and what a row takes beside its bytes. */
const [tailBytes, rowBytes] = [512, 384];

/** Of one feed or queue: every run whose number is not below `from`. No other run reaches so far. */
export interface Tail {
  from: number;
  readonly runs: Run[];
}

/** What a numbered key counts, and where it stands. */
export interface Place {
  readonly counted: Uint8Array;
  readonly number: number;
}

export function numberOf(key: Uint8Array): number {
  return numberOfKey(key, key.length - numberBytes);
}

export function placeOf(key: Uint8Array): Place {
  const end = key.length - numberBytes;
  return { counted: key.subarray(0, end), number: numberOfKey(key, end) };
}

export class RunTails {
  readonly #runsKept: number;
  readonly #tails = new KeyMap<Tail>();
  #bytes = 0;

  /** Of one table. */
  constructor(table: string) {
    this.#runsKept = passing.has(table) ? 2 : runsKept;
  }

  /** Undefined: it is not known what is stored from this place on. */
  from({ counted, number }: Place): Tail | undefined {
    const tail = this.#tails.get(counted);
    return tail !== undefined && number >= tail.from ? tail : undefined;
  }

  /** Nothing is stored from this place on. */
  begin({ counted, number }: Place): void {
    if (this.#bytes >= bytesKept) this.#letGo();
    this.#bytes += tailBytes;
    this.#tails.set(counted.slice(), { from: number, runs: [] });
  }

  /** This is stored now; without rows: gone. */
  stored(run: Run): void {
    const { counted, number } = placeOf(run.key);
    const tail = this.#tails.get(counted);
    if (tail === undefined) return;
    if (number < tail.from) {
      if (number + run.rows.length > tail.from) this.#tails.delete(counted);
      return;
    }
    const { runs } = tail;
    const at = firstFrom(tail, number);
    const before = runs[at];
    const isThere = before !== undefined && numberOf(before.key) === number;
    const gone = runs.splice(at, isThere ? 1 : 0, ...(run.rows.length > 0 ? [run] : []));
    if (runs.length > this.#runsKept) {
      gone.push(...runs.splice(0, runs.length - this.#runsKept));
      tail.from = runs[0] === undefined ? tail.from : numberOf(runs[0].key);
    }
    for (const one of gone) this.#bytes -= bytesOf(one);
    this.#bytes += bytesOf(run);
    if (this.#bytes >= bytesKept) this.#letGo();
  }

  #letGo(): void {
    this.#tails.clear();
    this.#bytes = 0;
  }
}

/** Of the first run whose number is not below this one. */
export function firstFrom({ runs }: Tail, number: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const run = runs[middle];
    if (run !== undefined && numberOf(run.key) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The run in which the key has its place. */
export function runHolding(tail: Tail, key: Uint8Array): Run | undefined {
  const run = tail.runs[firstFrom(tail, numberOf(key) + 1) - 1];
  return run !== undefined && holds(run, key) ? run : undefined;
}

function bytesOf({ rows }: Run): number {
  let bytes = 0;
  for (const row of rows) bytes += rowBytes + (row instanceof Uint8Array ? row.length : 0);
  return bytes;
}
