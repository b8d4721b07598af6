/**
 * The key schedule of a feed's epoch (spec/feeds.md, "Keys") and the step of its chain: fast key erasure, one
 * ChaCha20 block under the chain key is the next chain key and the message key.
 */
import { encodeUtf8 } from '../bytes/writer.ts';
import { assert } from '../errors.ts';
import type { Primitives } from '../primitives.ts';

const chainInfo = encodeUtf8('mycelium chain 1');
const readerInfo = encodeUtf8('mycelium reader 1');
const noSalt = new Uint8Array(0);

export const feedSecretBytes = 32;

export interface EpochKeys {
  readonly chainKey: Uint8Array;
  /** Ed25519 seed that all members have: opens the queue for reading. */
  readonly readerSeed: Uint8Array;
}

/** `feedSecret`: MLS-Exporter("mycelium feed 1", conversation id, 32) of the epoch. */
export function deriveEpochKeys(feedSecret: Uint8Array, primitives: Primitives): EpochKeys {
  assert(feedSecret.length === feedSecretBytes, 'a feed secret has 32 bytes');
  return {
    chainKey: primitives.hkdf(feedSecret, noSalt, chainInfo, 32),
    readerSeed: primitives.hkdf(feedSecret, noSalt, readerInfo, 32),
  };
}

export interface ChainStep {
  readonly chainKey: Uint8Array;
  readonly messageKey: Uint8Array;
}

/** The old chain key is the caller's to wipe: it belongs to a state that may still be the one on disk. */
export function stepChain(chainKey: Uint8Array, primitives: Primitives): ChainStep {
  const block = primitives.chacha20Block(chainKey);
  const step = { chainKey: block.slice(0, 32), messageKey: block.slice(32, 64) };
  primitives.wipe(block);
  return step;
}

/** `steps` further on, message keys forgotten. A copy of the same key when there is no step to take. */
export function skipChain(chainKey: Uint8Array, steps: number, primitives: Primitives): Uint8Array {
  let key: Uint8Array = chainKey.slice();
  for (let taken = 0; taken < steps; taken += 1) {
    const step = stepChain(key, primitives);
    primitives.wipe(key, step.messageKey);
    key = step.chainKey;
  }
  return key;
}
