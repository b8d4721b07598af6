// example.com, its key, and what it says about Alice: for tests and for vectors/generate.
import {
  encodeUtf8,
  concatBytes,
  signDomainProof,
  signRevocations,
  type Address,
  type DomainProof,
} from '@mycelium/protocol';
import { alice } from './accounts.ts';
import { nowMs, primitives, seedOf } from './people.ts';

export const dayMs = 86_400_000;
export const exampleSeed: Uint8Array = seedOf('domain example.com');
export const exampleKey: Uint8Array = primitives.ed25519PublicKey(exampleSeed);
export const otherSeed: Uint8Array = seedOf('domain example.net');
export const otherKey: Uint8Array = primitives.ed25519PublicKey(otherSeed);

export function fingerprintOf(accountId: Uint8Array): Uint8Array {
  return accountId.slice(0, 20);
}

/** What example.com says about Alice, with anything of it changed. */
export function proofOf(
  changed: Partial<DomainProof> & {
    readonly address?: Pick<Address, 'text'>;
    readonly seed?: Uint8Array;
  } = {},
): Uint8Array {
  const { address = alice.address, seed = exampleSeed, ...rest } = changed;
  const proof = {
    fingerprint: fingerprintOf(alice.state.accountId),
    serial: 7,
    untilMs: nowMs + 90 * dayMs,
    ...rest,
  };
  return signDomainProof(primitives, address, proof, seed);
}

export function revocationsOf(serials: readonly number[], sequence: number = nowMs): Uint8Array {
  return signRevocations(primitives, 'example.com', { sequence, serials }, exampleSeed);
}

/** Public key `0100…00` and the signature that fits every message where a verifier does not look. */
export const smallOrderKey: Uint8Array = Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 1 : 0));
export const smallOrderSignature: Uint8Array = concatBytes(smallOrderKey, new Uint8Array(32));

/** Signed as a proof is, but by hand, so that what our own writer would never say can be said. */
export function proofByHand(statement: Uint8Array, addressText: string, seed: Uint8Array): Uint8Array {
  const address = encodeUtf8(addressText);
  const length = Uint8Array.of(address.length & 255, address.length >> 8);
  const context = concatBytes(encodeUtf8('mycelium domain proof 1'), Uint8Array.of(0));
  return concatBytes(
    statement,
    primitives.ed25519Sign(seed, concatBytes(context, length, address, statement)),
  );
}
