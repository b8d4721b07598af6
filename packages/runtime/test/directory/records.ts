/** Claim records that no claim is in: for what nodes see of them. */
import { createPrimitives } from '@mycelium/node';
import { concatBytes } from '@mycelium/protocol';
import type { SeededRandomness } from '@mycelium/simulation';
import {
  encodeClaimHead,
  finishClaimRecord,
  sealedClaimBytes,
} from '../../../protocol/src/directory/claim-record.ts';
import { claimWorkBitsMin } from '../../../protocol/src/limits.ts';

export const primitives = createPrimitives();

export interface RecordWish {
  readonly nowMs: number;
  readonly locator?: Uint8Array;
  readonly lifeMs?: number;
  /** Of its directory key. */
  readonly seed?: Uint8Array;
  readonly workBits?: number;
}

export function recordWith(randomness: SeededRandomness, wish: RecordWish): Uint8Array {
  const { nowMs, locator = randomness.bytes(32), lifeMs = 3_600_000, workBits = claimWorkBitsMin } = wish;
  const seed = wish.seed ?? randomness.bytes(32);
  const head = encodeClaimHead({
    locator,
    directoryKey: primitives.ed25519PublicKey(seed),
    sequence: nowMs,
    expiresMs: nowMs + lifeMs,
    nonce: randomness.bytes(12),
  });
  const headAndSealed = concatBytes(head, randomness.bytes(sealedClaimBytes));
  return finishClaimRecord(primitives, headAndSealed, seed, workBits);
}

export function recordFor(
  randomness: SeededRandomness,
  nowMs: number,
  locator?: Uint8Array,
  lifeMs?: number,
): Uint8Array {
  return recordWith(randomness, {
    nowMs,
    ...(locator && { locator }),
    ...(lifeMs !== undefined && { lifeMs }),
  });
}
