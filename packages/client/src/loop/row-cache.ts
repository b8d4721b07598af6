/**
 * The rows of the last commit, and in memory those that steps use: a conversation that is busy reads and writes the
 * same few rows with every message. Nothing is here that is not in the store; only the loop commits, and tells what
 * it committed. Rows are values and never change, so one may be here and in a draft at once.
 *
 * Secrets: a row that is replaced is let go of here, and what was secret in it is wiped by the step that retired it.
 */
import type { ClientStore, ScanRange } from '@mycelium/runtime';
import { KeyMap } from '../store/key-map.ts';
import type { Table } from '../store/table.ts';
import { tables } from '../store/tables.ts';
import type { Change } from './overlay.ts';
import type { Keyed, Rows } from './rows.ts';

/** Rows of one table that were used lately: between so many and twice as many. */
const rowsMax = 2_048;
/** Written with every message and hardly ever read again: they would only push others out. */
const passing: ReadonlySet<string> = new Set(
  [tables.events, tables.messageKeys, tables.positions].map(({ name }) => name),
);

interface Generations {
  young: KeyMap<unknown>;
  old: KeyMap<unknown>;
}

export class RowCache implements Rows {
  readonly #store: ClientStore;
  readonly #tables = new Map<string, Generations>();

  constructor(store: ClientStore) {
    this.#store = store;
  }

  get<Row>(table: Table<Row>, key: Uint8Array): Row | undefined {
    const known = this.#known(table, key);
    if (known !== undefined) return known;
    const bytes = this.#store.get(table.name, key);
    if (bytes === undefined) return undefined;
    const row = table.decode(bytes);
    this.#keep(table.name, key, row);
    return row;
  }

  scan<Row>(table: Table<Row>, range?: ScanRange): readonly Keyed<Row>[] {
    return this.#store
      .scan(table.name, range)
      .map(({ key, value }) => ({ key, row: this.#known(table, key) ?? table.decode(value) }));
  }

  /** These are on disk now. */
  committed(changes: readonly Change[]): void {
    for (const { table, key, row } of changes) {
      if (row === undefined) this.#forget(table.name, key);
      else this.#keep(table.name, key, row);
    }
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
