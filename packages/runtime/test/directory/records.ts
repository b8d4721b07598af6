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

export function recordFor(
  randomness: SeededRandomness,
  nowMs: number,
  locator: Uint8Array = randomness.bytes(32),
  lifeMs = 3_600_000,
): Uint8Array {
  const seed = randomness.bytes(32);
  const head = encodeClaimHead({
    locator,
    directoryKey: primitives.ed25519PublicKey(seed),
    sequence: nowMs,
    expiresMs: nowMs + lifeMs,
    nonce: randomness.bytes(12),
  });
  const headAndSealed = concatBytes(head, randomness.bytes(sealedClaimBytes));
  return finishClaimRecord(primitives, headAndSealed, seed, claimWorkBitsMin);
}
