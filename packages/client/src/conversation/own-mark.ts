/**
 * A mark on what this device seals that only it can make and only it can read: the sub-millisecond digits of the time
 * in the sealed header (spec/frames.md) are a keyed hash under the epoch's owner seed. To everybody else they are
 * digits of a clock. So a relay cannot show us "your own later messages", nor can a contact, who has the feed's keys
 * but not the owner seed. The seed is forgotten with the epoch: later the mark proves nothing about who wrote what.
 */
import { encodeUtf8, type Primitives } from '@mycelium/protocol';
import { numberKey } from '../store/keys.ts';

const context = encodeUtf8('mycelium own mark 1\0');
const nsPerMs = 1_000_000n;

export interface Marked {
  readonly ownerSeed: Uint8Array;
  readonly sequence: number;
}

export function markedTimeNs(
  primitives: Primitives,
  { ownerSeed, sequence }: Marked,
  timeMs: number,
): bigint {
  const digest = primitives.sha256(context, ownerSeed, numberKey(sequence), numberKey(timeMs));
  const digits = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0) % nsPerMs;
  return BigInt(timeMs) * nsPerMs + digits;
}

export function isMarked(primitives: Primitives, marked: Marked, timeNs: bigint): boolean {
  return markedTimeNs(primitives, marked, Number(timeNs / nsPerMs)) === timeNs;
}
