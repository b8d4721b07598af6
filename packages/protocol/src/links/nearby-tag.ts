/**
 * The tag by which a device is recognised on a network around it (spec/links.md, "Nearby"): a hash of its transport key and
 * the quarter of an hour. Who knows the key knows the tag; to anybody else tags of different quarters have nothing in common.
 */
import { bytesToHex, concatBytes } from '../bytes/compare.ts';
import { encodeUtf8 } from '../bytes/writer.ts';
import type { TransportKey } from '../brands.ts';
import type { Primitives } from '../primitives.ts';

export const nearbyPeriodMs = 900_000;
const tagBytes = 16;

/** A number that clocks a little apart agree on, or miss by one. */
export function nearbyPeriod(nowMs: number): number {
  return Math.max(0, Math.floor(nowMs / nearbyPeriodMs));
}

/** 32 characters of lower-case hexadecimal. */
export function nearbyTag(primitives: Pick<Primitives, 'sha256'>, key: TransportKey, period: number): string {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, BigInt(period), true);
  const digest = primitives.sha256(
    concatBytes(encodeUtf8('mycelium nearby 1'), Uint8Array.of(0), key, number),
  );
  return bytesToHex(digest.subarray(0, tagBytes));
}
