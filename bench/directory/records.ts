/** Claim records under locators of nobody: what nodes do with one is the same for all. */
import { createPrimitives } from '@mycelium/node';
import { claimWorkBitsMin, concatBytes } from '@mycelium/protocol';
import type { Randomness } from '@mycelium/runtime';
import {
  encodeClaimHead,
  finishClaimRecord,
  sealedClaimBytes,
} from '../../packages/protocol/src/directory/claim-record.ts';

export const primitives: ReturnType<typeof createPrimitives> = createPrimitives();

export interface Published {
  readonly locator: Uint8Array;
  readonly bytes: Uint8Array;
}

export function recordOfNobody(randomness: Randomness, nowMs: number, lifeMs = 40 * 3_600_000): Published {
  const seed = randomness.bytes(32);
  const locator = randomness.bytes(32);
  const head = encodeClaimHead({
    locator,
    directoryKey: primitives.ed25519PublicKey(seed),
    sequence: nowMs,
    expiresMs: nowMs + lifeMs,
    nonce: randomness.bytes(12),
  });
  const headAndSealed = concatBytes(head, randomness.bytes(sealedClaimBytes));
  return { locator, bytes: finishClaimRecord(primitives, headAndSealed, seed, claimWorkBitsMin) };
}
