/**
 * Typed tables over `ClientStore`: a row is plain readonly data, in CBOR on disk. Rows are only ever written by this
 * program into a store that the adapter authenticates, so what comes out has the type that went in.
 */
import { decode, encode, Token, Type, type DecodeOptions, type EncodeOptions } from 'cborg';

export interface Table<Row> {
  readonly name: string;
  encode(row: Row): Uint8Array;
  decode(bytes: Uint8Array): Row;
}

/** CBOR tag 2: a bigint stays one, however small (RFC 8949 §3.4.3). */
const bignumTag = 2;

const encoding: EncodeOptions = {
  typeEncoders: {
    bigint: (value: bigint) => [new Token(Type.tag, bignumTag), new Token(Type.bytes, bigintBytes(value))],
  },
};

const decoding: DecodeOptions = {
  tags: {
    [bignumTag]: (read) => (read() as Uint8Array).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
  },
};

function bigintBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

export function table<Row>(name: string): Table<Row> {
  return {
    name,
    encode: (row) => encode(row, encoding),
    decode: (bytes) => decode(bytes, decoding) as Row,
  };
}

/** Rows that are bytes already: frames, group states, secrets. */
export function bytesTable(name: string): Table<Uint8Array> {
  return { name, encode: (row) => row, decode: (bytes) => bytes };
}
