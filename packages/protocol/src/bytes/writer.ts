/** Writing of the structures in `spec/`: the counterpart of reader.ts. Bounds broken here are bugs of ours. */
import { assert } from '../errors.ts';

export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;

  constructor(sizeHint = 256) {
    this.#bytes = new Uint8Array(sizeHint);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Call it before `#bytes` or `#view` is looked at: it may replace both. */
  #room(count: number): number {
    const need = this.#at + count;
    if (need > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(need, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    const at = this.#at;
    this.#at = need;
    return at;
  }

  u8(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xff, 'u8 in range');
    const at = this.#room(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff, 'u16 in range');
    const at = this.#room(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  u32(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffffffff, 'u32 in range');
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  u64(value: bigint): this {
    assert(value >= 0n && value < 1n << 64n, 'u64 in range');
    const at = this.#room(8);
    this.#view.setBigUint64(at, value, true);
    return this;
  }

  /** A u64 from a safe integer. */
  count(value: number): this {
    assert(Number.isSafeInteger(value) && value >= 0, 'count is a safe integer');
    return this.u64(BigInt(value));
  }

  bytes(bytes: Uint8Array, length: number = bytes.length): this {
    assert(bytes.length === length, `exactly ${length} bytes`);
    const at = this.#room(length);
    this.#bytes.set(bytes, at);
    return this;
  }

  vector8(bytes: Uint8Array): this {
    return this.u8(bytes.length).bytes(bytes);
  }

  vector16(bytes: Uint8Array): this {
    return this.u16(bytes.length).bytes(bytes);
  }

  vector32(bytes: Uint8Array): this {
    return this.u32(bytes.length).bytes(bytes);
  }

  text(text: string): this {
    return this.vector16(encodeUtf8(text));
  }

  list<T>(list: readonly T[], element: (value: T) => void): this {
    this.u16(list.length);
    for (const value of list) element(value);
    return this;
  }

  /** Zero bytes up to `length` in all. */
  padTo(length: number): this {
    assert(this.#at <= length, `fits ${length} bytes`);
    this.#room(length - this.#at);
    return this;
  }

  /** What was written; nothing more may be. Not copied when `sizeHint` was right. */
  finish(): Uint8Array {
    return this.#at === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#at);
  }
}

/** Text to UTF-8. A lone surrogate has no UTF-8 form: callers check text before it gets here. */
export function encodeUtf8(text: string): Uint8Array {
  const ascii = new Uint8Array(text.length);
  let at = 0;
  for (; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x80) break;
    ascii[at] = unit;
  }
  return at === text.length ? ascii : encodeAny(text);
}

function encodeAny(text: string): Uint8Array {
  const out: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    assert(point < 0xd800 || point > 0xdfff, 'text has no lone surrogates');
    if (point < 0x80) out.push(point);
    else if (point < 0x800) out.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x10000)
      out.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    else {
      out.push(
        0xf0 | (point >> 18),
        0x80 | ((point >> 12) & 0x3f),
        0x80 | ((point >> 6) & 0x3f),
        0x80 | (point & 0x3f),
      );
    }
  }
  return Uint8Array.from(out);
}
