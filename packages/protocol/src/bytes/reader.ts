/**
 * Bounded reading of the structures in `spec/`: little-endian integers and length-prefixed vectors.
 *
 * Every read checks what is left before it touches a byte, and every vector has a bound given by its caller.
 * A failed read leaves through `decode`, which turns it into a `Result`; nothing else catches it.
 */
import { accept, refuse, type Refusal, type Result } from '../errors.ts';

class RefusalSignal extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #name: string;
  #at = 0;

  /** `name` is the structure's name in the spec; refusals say `name.field`. */
  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#name = name;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Leaves `decode` with a refusal of `name.field`. */
  refuse(field: string, code: string, rule: string): never {
    throw new RefusalSignal({ code, where: `${this.#name}.${field}`, rule });
  }

  #take(field: string, count: number): number {
    if (this.left < count) this.refuse(field, 'truncated', `needs ${count} bytes and ${this.left} are left`);
    const at = this.#at;
    this.#at += count;
    return at;
  }

  u8(field: string): number {
    return this.#view.getUint8(this.#take(field, 1));
  }

  u16(field: string): number {
    return this.#view.getUint16(this.#take(field, 2), true);
  }

  u32(field: string): number {
    return this.#view.getUint32(this.#take(field, 4), true);
  }

  u64(field: string): bigint {
    return this.#view.getBigUint64(this.#take(field, 8), true);
  }

  /** A u64 that has to be a safe integer: times in ms, indices, sequences. */
  count(field: string): number {
    const value = this.u64(field);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) this.refuse(field, 'range', 'is at most 2^53 - 1');
    return Number(value);
  }

  /** Exactly `length` bytes, copied. */
  bytes(field: string, length: number): Uint8Array {
    const at = this.#take(field, length);
    return this.#bytes.slice(at, at + length);
  }

  /** A u8 length and that many bytes, copied. */
  vector8(field: string, max: number): Uint8Array {
    return this.#vector(field, this.u8(field), max);
  }

  /** A u16 length and that many bytes, copied. */
  vector16(field: string, max: number): Uint8Array {
    return this.#vector(field, this.u16(field), max);
  }

  /** A u32 length and that many bytes, copied. */
  vector32(field: string, max: number): Uint8Array {
    return this.#vector(field, this.u32(field), max);
  }

  #vector(field: string, length: number, max: number): Uint8Array {
    if (length > max) this.refuse(field, 'length', `is at most ${max} bytes and says ${length}`);
    return this.bytes(field, length);
  }

  /** A u16 length and well-formed UTF-8, without a byte-order mark being dropped. */
  text(field: string, maxBytes: number): string {
    const bytes = this.vector16(field, maxBytes);
    const text = decodeUtf8(bytes);
    if (text === undefined) this.refuse(field, 'utf-8', 'is well-formed UTF-8');
    return text;
  }

  /** A list: u16 count, then each element. */
  list<T>(field: string, max: number, element: (index: number) => T): T[] {
    const count = this.u16(field);
    if (count > max) this.refuse(field, 'length', `has at most ${max} elements and says ${count}`);
    const list: T[] = [];
    for (let index = 0; index < count; index += 1) list.push(element(index));
    return list;
  }

  /** All that is left, which has to be zero: padding. */
  zeros(field: string): void {
    for (let at = this.#at; at < this.#bytes.length; at += 1) {
      if (this.#bytes[at] !== 0) this.refuse(field, 'padding', 'is zero');
    }
    this.#at = this.#bytes.length;
  }

  /** All that is left, copied. */
  rest(): Uint8Array {
    const rest = this.#bytes.slice(this.#at);
    this.#at = this.#bytes.length;
    return rest;
  }

  /** Nothing may be left. */
  end(): void {
    if (this.left !== 0)
      this.refuse('end', 'trailing', `has nothing after its last field and ${this.left} bytes are there`);
  }
}

/** Runs one decoder over all of `bytes`. A refusal by the reader becomes the result; nothing may be left over. */
export function decode<T>(bytes: Uint8Array, name: string, read: (reader: ByteReader) => T): Result<T> {
  const reader = new ByteReader(bytes, name);
  try {
    const value = read(reader);
    reader.end();
    return accept(value);
  } catch (error) {
    if (error instanceof RefusalSignal) {
      return refuse(error.refusal.code, error.refusal.where, error.refusal.rule);
    }
    throw error;
  }
}

/** UTF-8 to text, by hand: the platform's decoder is not part of the language. Ill-formed input gives undefined. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  let at = asciiLength(bytes);
  let text = asciiText(bytes, at);
  while (at < bytes.length) {
    const first = bytes[at] ?? 0;
    const extra =
      first < 0x80
        ? 0
        : first >= 0xc2 && first < 0xe0
          ? 1
          : first >= 0xe0 && first < 0xf0
            ? 2
            : first >= 0xf0 && first < 0xf5
              ? 3
              : -1;
    if (extra < 0 || at + extra >= bytes.length) return undefined;
    let point = extra === 0 ? first : first & (0x3f >> extra);
    for (let next = 1; next <= extra; next += 1) {
      const byte = bytes[at + next] ?? 0;
      if ((byte & 0xc0) !== 0x80) return undefined;
      point = (point << 6) | (byte & 0x3f);
    }
    const least = extra === 2 ? 0x800 : extra === 3 ? 0x10000 : 0;
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
    text += String.fromCodePoint(point);
    at += extra + 1;
  }
  return text;
}

/** How many bytes at the beginning are ASCII. */
function asciiLength(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length && (bytes[at] ?? 0) < 0x80) at += 1;
  return at;
}

/** So many arguments of one call are within what engines take. */
const unitsAtOnce = 1_024;

function asciiText(bytes: Uint8Array, length: number): string {
  let text = '';
  for (let at = 0; at < length; at += unitsAtOnce) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(length, at + unitsAtOnce)));
  }
  return text;
}
