/**
 * Reads the values of a parsed TOML file one by one, and gathers everything that is wrong with it: a wrong value with
 * what is allowed there, a table or key that nobody asked for with those there are, each with its line.
 */
import type { TomlTable } from 'smol-toml';
import type { ValueKind } from './config-values.ts';

export interface Mistake {
  readonly line: number | undefined;
  readonly sentence: string;
}

export class ConfigSections {
  readonly #text: string;
  readonly #tables: TomlTable;
  readonly #asked = new Map<string, Set<string>>();
  readonly #mistakes: Mistake[] = [];

  constructor(text: string, tables: TomlTable) {
    this.#text = text;
    this.#tables = tables;
  }

  /** The value of `table.key`, or `otherwise` where there is none or a wrong one. */
  take<T, Otherwise>(table: string, key: string, kind: ValueKind<T>, otherwise: Otherwise): T | Otherwise {
    const known = this.#asked.get(table) ?? new Set<string>();
    this.#asked.set(table, known.add(key));
    const members = this.#tables[table];
    if (!isTable(members) || !Object.hasOwn(members, key)) return otherwise;
    const value = members[key];
    const read = kind.read(value);
    if (read !== undefined) return read;
    const wrong = kind.wrongMember?.(value) ?? value;
    this.wrong(table, key, `${shown(wrong)} is not allowed. It is ${kind.allowed}.`);
    return otherwise;
  }

  /** Something that a kind cannot see, such as two keys that need each other. */
  wrong(table: string, key: string, sentence: string): void {
    this.#mistakes.push({ line: lineOf(this.#text, table, key), sentence: `${table}.${key}: ${sentence}` });
  }

  /** Everything that is wrong, once all keys have been asked for; in the order of the file. */
  mistakes(): readonly Mistake[] {
    const unknown: Mistake[] = [];
    for (const [table, members] of Object.entries(this.#tables)) {
      const known = this.#asked.get(table);
      if (known === undefined) {
        unknown.push({
          line: lineOf(this.#text, isTable(members) ? table : '', isTable(members) ? undefined : table),
          sentence: `there is no ${isTable(members) ? 'table' : 'key'} ${shown(table)} here. The tables are ${[...this.#asked.keys()].join(', ')}.`,
        });
      } else if (!isTable(members)) {
        const sentence = `${table} is a table: write [${table}] and its keys on lines below.`;
        unknown.push({ line: lineOf(this.#text, '', table), sentence });
      } else {
        unknown.push(...this.#unknownKeys(table, members, known));
      }
    }
    return [...this.#mistakes, ...unknown].toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
  }

  #unknownKeys(table: string, members: TomlTable, known: ReadonlySet<string>): readonly Mistake[] {
    return Object.keys(members)
      .filter((key) => !known.has(key))
      .map((key) => ({
        line: lineOf(this.#text, table, key),
        sentence: `there is no key ${shown(key)} in [${table}]. There are ${[...known].join(', ')}.`,
      }));
  }
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A value as it is told back; not more of it than helps. */
function shown(value: unknown): string {
  const text = isTable(value) ? 'a table' : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/**
 * Where a key stands, or with no key its table; the parser does not tell. Undefined for spellings that this does not
 * look for (inline tables, quoted keys): the sentence names the key anyway.
 */
function lineOf(text: string, table: string, key: string | undefined): number | undefined {
  let current = '';
  for (const [at, line] of text.split('\n').entries()) {
    const header = /^\s*\[\s*([\w-]+)\s*\]/.exec(line);
    if (header !== null) {
      current = header[1] ?? '';
      if (key === undefined && current === table) return at + 1;
    }
    if (key === undefined) continue;
    const name = /^\s*([\w-]+)\s*(?:\.\s*([\w-]+)\s*)?=/.exec(line);
    const [found, inner] = [name?.[1], name?.[2]];
    const isHere =
      inner === undefined ? current === table && found === key : found === table && inner === key;
    if (isHere) return at + 1;
  }
  return undefined;
}
