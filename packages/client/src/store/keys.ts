/** Keys of rows: fixed-size parts side by side, numbers big-endian, so that the order of bytes is the order meant. */
import { assert, concatBytes, encodeUtf8 } from '@mycelium/protocol';

/** Of the two halves of a number in a key. */
const halfRange = 2 ** 32;

export function numberKey(value: number): Uint8Array {
  assert(Number.isSafeInteger(value) && value >= 0, 'key number is a safe integer');
  const key = new Uint8Array(8);
  const view = new DataView(key.buffer);
  view.setUint32(0, Math.floor(value / halfRange));
  view.setUint32(4, value % halfRange);
  return key;
}

export function textKey(text: string): Uint8Array {
  return encodeUtf8(text);
}

/** `id ‖ number`: rows of one thing in the order of their numbers. */
export function placeKey(id: Uint8Array, place: number): Uint8Array {
  return concatBytes(id, numberKey(place));
}

export function numberOfKey(key: Uint8Array, at = 0): number {
  return Number(new DataView(key.buffer, key.byteOffset, key.byteLength).getBigUint64(at));
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
