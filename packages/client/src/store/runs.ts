/**
 * Runs: rows of a numbered table that were put together stay together, many in one row of the store. Its key is that of
 * the first of them; its value a list, in which a row that is gone is undefined. A value that is no list is one row, which
 * is also how stores had all of them before there were runs: no row of a numbered table is a list or begins like one.
 */
import { compareBytes } from '@mycelium/protocol';
import { numberBytes, numberOfKey, numberKey } from './keys.ts';
import { decodeRow, encodeRow } from './row-encoding.ts';
import type { Table } from './table.ts';

/** Rewritten whole when one of them changes. */
export const runRowsMax = 64;

const listType = 4;

export interface Keyed<Row> {
  readonly key: Uint8Array;
  readonly row: Row;
}

/** A row that is put; undefined: deleted. */
export type Change = Keyed<unknown>;

export interface Run {
  readonly key: Uint8Array;
  /** Of consecutive numbers, from that of the key on. */
  readonly rows: readonly unknown[];
}

export function encodeRun(table: Table<unknown>, rows: readonly unknown[]): Uint8Array {
  return rows.length === 1 ? table.encode(rows[0]) : encodeRow(rows);
}

export function decodeRun(table: Table<unknown>, key: Uint8Array, value: Uint8Array): Run {
  const isList = (value[0] ?? 0) >> 5 === listType;
  return { key, rows: isList ? (decodeRow(value) as readonly unknown[]) : [table.decode(value)] };
}

/** How far a key is behind the first of a run; undefined: it is before it, or counts something else. */
export function offsetOf(first: Uint8Array, key: Uint8Array): number | undefined {
  const end = key.length - numberBytes;
  if (first.length !== key.length || end < 0) return undefined;
  for (let at = 0; at < end; at += 1) if (first[at] !== key[at]) return undefined;
  const offset = numberOfKey(key, end) - numberOfKey(first, end);
  return offset < 0 ? undefined : offset;
}

export function keyAt({ key }: Run, offset: number): Uint8Array {
  if (offset === 0) return key;
  const end = key.length - numberBytes;
  const moved = key.slice();
  moved.set(numberKey(numberOfKey(key, end) + offset), end);
  return moved;
}

/** The row at a key, if the run reaches so far. */
export function rowAt(run: Run, key: Uint8Array): unknown {
  const offset = offsetOf(run.key, key);
  return offset === undefined ? undefined : run.rows[offset];
}

export function holds(run: Run, key: Uint8Array): boolean {
  const offset = offsetOf(run.key, key);
  return offset !== undefined && offset < run.rows.length;
}

/** Those within the bounds, as they come in the run. */
export function rowsWithin(
  run: Run,
  { from, to }: { readonly from?: Uint8Array; readonly to?: Uint8Array },
): Keyed<unknown>[] {
  const found: Keyed<unknown>[] = [];
  for (const [offset, row] of run.rows.entries()) {
    if (row === undefined) continue;
    const key = keyAt(run, offset);
    if (from !== undefined && compareBytes(key, from) < 0) continue;
    if (to !== undefined && compareBytes(key, to) >= 0) break;
    found.push({ key, row });
  }
  return found;
}
