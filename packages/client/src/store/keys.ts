/** Keys of rows: fixed-size parts side by side, numbers big-endian, so that the order of bytes is the order meant. */
import { assert, encodeUtf8 } from '@mycelium/protocol';

/** Of the two halves of a number in a key. */
const halfRange = 2 ** 32;
export const numberBytes = 8;

export function numberKey(value: number): Uint8Array {
  const key = new Uint8Array(numberBytes);
  putNumber(key, 0, value);
  return key;
}

/** Big-endian, at a place of a key in the making. */
function putNumber(key: Uint8Array, at: number, value: number): void {
  assert(Number.isSafeInteger(value) && value >= 0, 'key number is a safe integer');
  let [high, low] = [Math.floor(value / halfRange), value % halfRange];
  for (let byte = 3; byte >= 0; byte -= 1) {
    key[at + byte] = high & 0xff;
    key[at + 4 + byte] = low & 0xff;
    high >>>= 8;
    low >>>= 8;
  }
}

/** Parts side by side: ids as they are, numbers in eight bytes. */
export function keyOf(...parts: readonly (Uint8Array | number)[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += typeof part === 'number' ? numberBytes : part.length;
  const key = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    if (typeof part === 'number') putNumber(key, at, part);
    else key.set(part, at);
    at += typeof part === 'number' ? numberBytes : part.length;
  }
  return key;
}

export function textKey(text: string): Uint8Array {
  return encodeUtf8(text);
}

/** `id ‖ number`: rows of one thing in the order of their numbers. */
export function placeKey(id: Uint8Array, place: number): Uint8Array {
  return keyOf(id, place);
}

export function numberOfKey(key: Uint8Array, at = 0): number {
  let [high, low] = [0, 0];
  for (let byte = at; byte < at + 4; byte += 1) {
    high = high * 256 + (key[byte] ?? 0);
    low = low * 256 + (key[byte + 4] ?? 0);
  }
  return high * halfRange + low;
}

/** Every key that is `prefix` and something behind it. Prefixes are ids: never all ones. */
export function prefixRange(prefix: Uint8Array): { readonly from: Uint8Array; readonly to: Uint8Array } {
  const to = prefix.slice();
  for (let at = to.length - 1; at >= 0; at -= 1) {
    to[at] = ((to[at] ?? 0) + 1) & 0xff;
    if (to[at] !== 0) break;
  }
  return { from: prefix, to };
}

/** For maps in memory and in rows: one character a byte, not for display. */
export function mapKey(key: Uint8Array): string {
  return String.fromCharCode(...key);
}
