/**
 * Rows as bytes: CBOR (RFC 8949) of plain data, with the names of row-names.ts as numbers. Of CBOR it writes and reads
 * what rows are made of: whole numbers, bigints (tag 2), other numbers as doubles, byte strings, text, lists, maps, true,
 * false, null and undefined, all of definite length.
 */
import { assert, decodeUtf8, encodeUtf8 } from '@mycelium/protocol';
import { rowNames } from './row-names.ts';

const major = { unsigned: 0, negative: 1, bytes: 2, text: 3, list: 4, map: 5, tag: 6, simple: 7 } as const;
const simple = { false: 20, true: 21, null: 22, undefined: 23, double: 27 } as const;
const bignumTag = 2;
const asciiMax = 0x7f;

/** Where a row is put together. Wiped after each: rows hold keys. */
let bytes = new Uint8Array(new ArrayBuffer(4_096));
let view = new DataView(bytes.buffer);
let end = 0;

const numbersByName: ReadonlyMap<string, number> = new Map(rowNames.map((name, at) => [name, at]));

export function encodeRow(row: unknown): Uint8Array {
  end = 0;
  put(row);
  const encoded = bytes.slice(0, end);
  bytes.fill(0, 0, end);
  return encoded;
}

function room(count: number): void {
  if (end + count <= bytes.length) return;
  const grown = new Uint8Array(new ArrayBuffer(Math.max(end + count, bytes.length * 2)));
  grown.set(bytes);
  bytes.fill(0);
  bytes = grown;
  view = new DataView(grown.buffer);
}

function put(value: unknown): void {
  switch (typeof value) {
    case 'string':
      return putText(value);
    case 'number':
      return putNumber(value);
    case 'boolean':
      return putHead(major.simple, value ? simple.true : simple.false);
    case 'undefined':
      return putHead(major.simple, simple.undefined);
    case 'bigint':
      return putBigint(value);
    case 'object':
      return putObject(value);
    case 'function':
    case 'symbol':
      throw new TypeError(`a row holds plain data, and no ${typeof value}`);
  }
}

function putObject(value: object | null): void {
  if (value === null) return putHead(major.simple, simple.null);
  if (value instanceof Uint8Array) {
    putHead(major.bytes, value.length);
    room(value.length);
    bytes.set(value, end);
    end += value.length;
    return;
  }
  if (Array.isArray(value)) {
    putHead(major.list, value.length);
    for (const element of value) put(element);
    return;
  }
  const fields = Object.keys(value);
  putHead(major.map, fields.length);
  for (const name of fields) {
    const number = numbersByName.get(name);
    if (number === undefined) putText(name);
    else putHead(major.unsigned, number);
    put((value as Readonly<Record<string, unknown>>)[name]);
  }
}

function putHead(type: number, argument: number): void {
  room(9);
  const first = type << 5;
  if (argument < 24) bytes[end++] = first | argument;
  else if (argument < 0x100) {
    bytes[end++] = first | 24;
    bytes[end++] = argument;
  } else if (argument < 0x10000) {
    bytes[end++] = first | 25;
    view.setUint16(end, argument);
    end += 2;
  } else if (argument < 2 ** 32) {
    bytes[end++] = first | 26;
    view.setUint32(end, argument);
    end += 4;
  } else {
    bytes[end++] = first | 27;
    view.setUint32(end, Math.floor(argument / 2 ** 32));
    view.setUint32(end + 4, argument % 2 ** 32);
    end += 8;
  }
}

function putNumber(value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    if (value >= 0) putHead(major.unsigned, value);
    else putHead(major.negative, -1 - value);
    return;
  }
  room(9);
  bytes[end++] = (major.simple << 5) | simple.double;
  view.setFloat64(end, value);
  end += 8;
}

function putBigint(value: bigint): void {
  assert(value >= 0n && value < 1n << 64n, 'a bigint in a row is a u64');
  putHead(major.tag, bignumTag);
  putHead(major.bytes, 8);
  room(8);
  view.setBigUint64(end, value);
  end += 8;
}

function putText(text: string): void {
  // As many bytes as UTF-16 units, unless it has others than ASCII.
  const begin = end;
  putHead(major.text, text.length);
  room(text.length);
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > asciiMax) {
      end = begin;
      return putOtherText(text);
    }
    bytes[end++] = unit;
  }
}

function putOtherText(text: string): void {
  const encoded = encodeUtf8(text.toWellFormed());
  putHead(major.text, encoded.length);
  room(encoded.length);
  bytes.set(encoded, end);
  end += encoded.length;
}

/** Where in the row is read. */
interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
}

/** What `encodeRow` gave. Its byte strings are copies. */
export function decodeRow(encoded: Uint8Array): unknown {
  const cursor = {
    bytes: encoded,
    view: new DataView(encoded.buffer, encoded.byteOffset, encoded.length),
    at: 0,
  };
  const row = take(cursor);
  assert(cursor.at === encoded.length, 'a row is one value');
  return row;
}

function take(cursor: Cursor): unknown {
  assert(cursor.at < cursor.bytes.length, 'a row has all its bytes');
  const first = cursor.view.getUint8(cursor.at++);
  const type = first >> 5;
  if (type === major.simple) return takeSimple(cursor, first & 31);
  const argument = takeArgument(cursor, first & 31);
  switch (type) {
    case major.unsigned:
      return argument;
    case major.negative:
      return -1 - argument;
    case major.bytes:
      return takeBytes(cursor, argument).slice();
    case major.text:
      return textOf(takeBytes(cursor, argument));
    case major.list:
      return Array.from({ length: argument }, () => take(cursor));
    case major.map:
      return takeMap(cursor, argument);
    default:
      assert(type === major.tag && argument === bignumTag, 'the only tag in a row is that of bigints');
      return (take(cursor) as Uint8Array).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  }
}

function takeArgument(cursor: Cursor, short: number): number {
  const { view: from, at } = cursor;
  switch (short) {
    case 24:
      cursor.at += 1;
      return from.getUint8(at);
    case 25:
      cursor.at += 2;
      return from.getUint16(at);
    case 26:
      cursor.at += 4;
      return from.getUint32(at);
    case 27:
      cursor.at += 8;
      return from.getUint32(at) * 2 ** 32 + from.getUint32(at + 4);
    default:
      assert(short < 24, 'nothing in a row is of indefinite length');
      return short;
  }
}

function takeSimple(cursor: Cursor, value: number): unknown {
  switch (value) {
    case simple.false:
      return false;
    case simple.true:
      return true;
    case simple.null:
      return null;
    case simple.double:
      cursor.at += 8;
      return cursor.view.getFloat64(cursor.at - 8);
    default:
      assert(value === simple.undefined, 'a simple value in a row is false, true, null or undefined');
      return undefined;
  }
}

function takeBytes(cursor: Cursor, length: number): Uint8Array {
  assert(cursor.at + length <= cursor.bytes.length, 'a row has all its bytes');
  cursor.at += length;
  return cursor.bytes.subarray(cursor.at - length, cursor.at);
}

function textOf(encoded: Uint8Array): string {
  const text = decodeUtf8(encoded);
  assert(text !== undefined, 'text in a row is UTF-8');
  return text;
}

function takeMap(cursor: Cursor, fields: number): Readonly<Record<string, unknown>> {
  const map: Record<string, unknown> = {};
  for (let field = 0; field < fields; field += 1) {
    const key = take(cursor);
    const name = typeof key === 'number' ? rowNames[key] : key;
    assert(typeof name === 'string', 'the name of a field is text, or the number of one');
    map[name] = take(cursor);
  }
  return map;
}
