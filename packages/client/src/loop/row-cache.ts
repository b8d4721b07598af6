/**
 * The rows of the last commit, and in memory those that steps use: a conversation that is busy reads and writes the
 * same few rows with every message. Nothing is here that is not in the store; only the loop commits, and tells what
 * it committed. Rows are values and never change, so one may be here and in a draft at once.
 *
 * Secrets: a row that is replaced is let go of here, and what was secret in it is wiped by the step that retired it.
 */
import type { ClientStore, ScanRange, Write } from '@mycelium/runtime';
import { KeyMap } from '../store/key-map.ts';
import type { Run } from '../store/runs.ts';
import type { Table } from '../store/table.ts';
import { tables } from '../store/tables.ts';
import type { TableChanges } from './overlay.ts';
import type { Keyed, Rows } from './rows.ts';
import { RunRows } from './run-rows.ts';

/** Rows of one table that were used lately: between so many and twice as many. */
const rowsMax = 2_048;
/** Written with every message and hardly ever read again: they would only push others out. */
const passing: ReadonlySet<string> = new Set([tables.messageKeys].map(({ name }) => name));

/** What a commit writes, and what the cache knows once it is on disk. */
export interface Prepared {
  readonly writes: readonly Write[];
  readonly plain: readonly TableChanges[];
  readonly runs: readonly { readonly table: Table<unknown>; readonly runs: readonly Run[] }[];
}

interface Generations {
  young: KeyMap<unknown>;
  old: KeyMap<unknown>;
}

export class RowCache implements Rows {
  readonly #store: ClientStore;
  readonly #tables = new Map<string, Generations>();
  readonly #runs: RunRows;

  constructor(store: ClientStore) {
    this.#store = store;
    this.#runs = new RunRows(store);
  }

  get<Row>(table: Table<Row>, key: Uint8Array): Row | undefined {
    if (table.isNumbered) return this.#runs.get(table, key);
    const known = this.#known(table, key);
    if (known !== undefined) return known;
    const bytes = this.#store.get(table.name, key);
    if (bytes === undefined) return undefined;
    const row = table.decode(bytes);
    this.#keep(table.name, key, row);
    return row;
  }

  scan<Row>(table: Table<Row>, range: ScanRange = {}): readonly Keyed<Row>[] {
    if (table.isNumbered) return this.#runs.scan(table, range);
    return this.#store
      .scan(table.name, range)
      .map(({ key, value }) => ({ key, row: this.#known(table, key) ?? table.decode(value) }));
  }

  /** Rows are encoded here, once however many steps changed them. */
  prepare(changed: readonly TableChanges[]): Prepared {
    const writes: Write[] = [];
    const plain = changed.filter(({ table }) => !table.isNumbered);
    for (const { table, changes } of plain) {
      for (const { key, row } of changes) writes.push(writeOf(table, key, row));
    }
    const runs = changed
      .filter(({ table }) => table.isNumbered)
      .map(({ table, changes }) => {
        const written = this.#runs.writes(table, changes);
        writes.push(...written.writes);
        return { table, runs: written.runs };
      });
    return { writes, plain, runs };
  }

  /** It is on disk now. */
  committed({ plain, runs }: Prepared): void {
    for (const { table, changes } of plain) {
      for (const { key, row } of changes) {
        if (row === undefined) this.#forget(table.name, key);
        else this.#keep(table.name, key, row);
      }
    }
    for (const one of runs) this.#runs.committed(one.table, one.runs);
  }

  #known<Row>(table: Table<Row>, key: Uint8Array): Row | undefined {
    const generations = this.#tables.get(table.name);
    if (generations === undefined) return undefined;
    const young = generations.young.get(key);
    if (young !== undefined) return young as Row;
    const old = generations.old.get(key);
    if (old !== undefined) this.#keep(table.name, key, old);
    return old as Row | undefined;
  }

  #keep(name: string, key: Uint8Array, row: unknown): void {
    if (passing.has(name)) return;
    const generations = this.#tables.get(name) ?? { young: new KeyMap(), old: new KeyMap() };
    this.#tables.set(name, generations);
    if (generations.young.size >= rowsMax) {
      generations.old = generations.young;
      generations.young = new KeyMap();
    }
    generations.young.set(key, row);
  }

  #forget(name: string, key: Uint8Array): void {
    const generations = this.#tables.get(name);
    generations?.young.delete(key);
    generations?.old.delete(key);
  }
}

function writeOf(table: Table<unknown>, key: Uint8Array, row: unknown): Write {
  return row === undefined
    ? { kind: 'delete', table: table.name, key }
    : { kind: 'put', table: table.name, key, value: table.encode(row) };
}
