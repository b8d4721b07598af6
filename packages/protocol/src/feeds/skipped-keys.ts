/**
 * Message keys of generations that were jumped over (spec/feeds.md, "Reading"), as one byte string, so that a state
 * with many of them is stored and compared cheaply. Entries of 44 bytes in the order in which they were made:
 * generation u32, deadline ms u64, key 32. At most `skippedKeysMax`; the oldest go first, and each at its deadline.
 */
import { skippedKeysMax } from '../limits.ts';

const entryBytes = 44;
const keyAt = 12;

export const noSkippedKeys: Uint8Array = new Uint8Array(0);

export interface SkippedKey {
  readonly generation: number;
  readonly deadlineMs: number;
  readonly key: Uint8Array;
}

function viewOf(skipped: Uint8Array): DataView {
  return new DataView(skipped.buffer, skipped.byteOffset, skipped.byteLength);
}

export function skippedKeyCount(skipped: Uint8Array): number {
  return Math.floor(skipped.length / entryBytes);
}

/** The key of a generation, copied. */
export function findSkippedKey(skipped: Uint8Array, generation: number): Uint8Array | undefined {
  const at = indexOf(skipped, generation);
  return at < 0 ? undefined : skipped.slice(at + keyAt, at + entryBytes);
}

function indexOf(skipped: Uint8Array, generation: number): number {
  const view = viewOf(skipped);
  for (let at = 0; at + entryBytes <= skipped.length; at += entryBytes) {
    if (view.getUint32(at, true) === generation) return at;
  }
  return -1;
}

/** A copy without that generation. */
export function withoutSkippedKey(skipped: Uint8Array, generation: number): Uint8Array {
  const at = indexOf(skipped, generation);
  if (at < 0) return skipped.slice();
  const left = new Uint8Array(skipped.length - entryBytes);
  left.set(skipped.subarray(0, at));
  left.set(skipped.subarray(at + entryBytes), at);
  return left;
}

/** A copy with more keys at the end; the oldest go when there are too many. */
export function withSkippedKeys(skipped: Uint8Array, added: readonly SkippedKey[]): Uint8Array {
  const room = Math.max(0, skippedKeysMax - added.length) * entryBytes;
  const kept = skipped.subarray(Math.max(0, skipped.length - room));
  const newest = added.slice(-skippedKeysMax);
  const joined = new Uint8Array(kept.length + newest.length * entryBytes);
  joined.set(kept);
  const view = viewOf(joined);
  let at = kept.length;
  for (const { generation, deadlineMs, key } of newest) {
    view.setUint32(at, generation, true);
    view.setBigUint64(at + 4, BigInt(deadlineMs), true);
    joined.set(key, at + keyAt);
    at += entryBytes;
  }
  return joined;
}

/** When the first of them has to go. */
export function firstDeadlineMs(skipped: Uint8Array): number | undefined {
  let first: number | undefined;
  const view = viewOf(skipped);
  for (let at = 0; at + entryBytes <= skipped.length; at += entryBytes) {
    const deadlineMs = Number(view.getBigUint64(at + 4, true));
    if (first === undefined || deadlineMs < first) first = deadlineMs;
  }
  return first;
}

/** A copy of those whose deadline has not come; the same value when that is all of them. */
export function withoutExpiredKeys(skipped: Uint8Array, nowMs: number): Uint8Array {
  const view = viewOf(skipped);
  const kept: Uint8Array[] = [];
  for (let at = 0; at + entryBytes <= skipped.length; at += entryBytes) {
    if (Number(view.getBigUint64(at + 4, true)) > nowMs) kept.push(skipped.subarray(at, at + entryBytes));
  }
  if (kept.length * entryBytes === skipped.length) return skipped;
  const left = new Uint8Array(kept.length * entryBytes);
  kept.forEach((entry, index) => left.set(entry, index * entryBytes));
  return left;
}
