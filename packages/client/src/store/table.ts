/**
 * Typed tables over `ClientStore`: a row is plain readonly data, in CBOR on disk (row-encoding.ts). Rows are only ever
 * written by this program into a store that the adapter authenticates, so what comes out has the type that went in.
 */
import { decodeRow, encodeRow } from './row-encoding.ts';

export interface Table<Row> {
  readonly name: string;
  /** Keys end in a number that mostly grows by one: rows that are put together are kept together (runs.ts). */
  readonly isNumbered: boolean;
  encode(row: Row): Uint8Array;
  decode(bytes: Uint8Array): Row;
}

export function table<Row>(name: string): Table<Row> {
  return { name, isNumbered: false, encode: encodeRow, decode: (bytes) => decodeRow(bytes) as Row };
}

/** Rows that are bytes already: frames, group states, secrets. */
export function bytesTable(name: string): Table<Uint8Array> {
  return { name, isNumbered: false, encode: (row) => row, decode: (bytes) => bytes };
}

/** The same table in runs. */
export function numbered<Row>(one: Table<Row>): Table<Row> {
  return { ...one, isNumbered: true };
}
