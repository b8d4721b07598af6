/** Changes laid over a store, or over another overlay: read as if they were there, written when somebody commits them. */
import { compareBytes } from '@mycelium/protocol';
import type { ClientStore, Row, ScanRange, Write } from '@mycelium/runtime';
import { mapKey } from '../store/keys.ts';

export type Readable = Pick<ClientStore, 'get' | 'scan'>;

interface Change {
  readonly key: Uint8Array;
  /** Undefined: deleted. */
  readonly value: Uint8Array | undefined;
}

export class Overlay implements Readable {
  readonly #below: Readable;
  readonly #changes = new Map<string, Map<string, Change>>();
  /** By table: how often something was deleted. */
  readonly #deletions = new Map<string, number>();

  constructor(below: Readable) {
    this.#below = below;
  }

  get(table: string, key: Uint8Array): Uint8Array | undefined {
    const change = this.#changes.get(table)?.get(mapKey(key));
    return change === undefined ? this.#below.get(table, key) : change.value;
  }

  scan(table: string, range: ScanRange = {}): readonly Row[] {
    const changes = this.#changes.get(table);
    if (changes === undefined) return this.#below.scan(table, range);
    // Only what is deleted here can make rows from below fall short of the limit.
    const enough =
      range.limit === undefined ? {} : { limit: range.limit + (this.#deletions.get(table) ?? 0) };
    const merged = new Map<string, Row>();
    for (const row of this.#below.scan(table, { ...range, ...enough })) merged.set(mapKey(row.key), row);
    for (const [name, { key, value }] of changes) {
      if (!isWithin(key, range)) continue;
      if (value === undefined) merged.delete(name);
      else merged.set(name, { key, value });
    }
    const rows = [...merged.values()].toSorted((left, right) => compareBytes(left.key, right.key));
    if (range.reverse === true) rows.reverse();
    return range.limit === undefined ? rows : rows.slice(0, range.limit);
  }

  change(table: string, key: Uint8Array, value: Uint8Array | undefined): void {
    const changes = this.#changes.get(table) ?? new Map<string, Change>();
    this.#changes.set(table, changes.set(mapKey(key), { key, value }));
    if (value === undefined) this.#deletions.set(table, (this.#deletions.get(table) ?? 0) + 1);
  }

  /** Takes over the changes of an overlay that lies on this one. */
  absorb(above: Overlay): void {
    for (const [table, changes] of above.#changes) {
      for (const { key, value } of changes.values()) this.change(table, key, value);
    }
  }

  writes(): readonly Write[] {
    const writes: Write[] = [];
    for (const [table, changes] of this.#changes) {
      for (const { key, value } of changes.values()) {
        writes.push(
          value === undefined ? { kind: 'delete', table, key } : { kind: 'put', table, key, value },
        );
      }
    }
    return writes;
  }
}

function isWithin(key: Uint8Array, range: ScanRange): boolean {
  if (range.from !== undefined && compareBytes(key, range.from) < 0) return false;
  return range.to === undefined || compareBytes(key, range.to) < 0;
}
