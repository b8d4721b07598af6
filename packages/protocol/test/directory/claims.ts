// Claims of Alice, and records around them: for tests and for vectors/generate.
import {
  claimKey,
  claimLocator,
  claimPeriod,
  directorySeed,
  sealClaim,
  unwrap,
  type ClaimStatement,
  type ClaimWish,
} from '@mycelium/protocol';
import { encodeClaimHead, finishClaimRecord } from '../../src/directory/claim-record.ts';
import { alice } from '../identity/accounts.ts';
import { nowMs, primitives, seedOf, type Person } from '../identity/people.ts';

export const hourMs = 3_600_000;

export function statementOf(owner: Person): ClaimStatement {
  const { accountId, accountKey, head, relays } = owner.state;
  const none = new Uint8Array();
  return {
    accountId,
    accountKey,
    head,
    timeMs: nowMs,
    card: owner.card,
    relays,
    domainProof: none,
    vouches: none,
  };
}

export function wishOf(owner: Person, changes: Partial<ClaimWish> = {}): ClaimWish {
  return {
    userId: owner.userId,
    period: claimPeriod(nowMs),
    claim: statementOf(owner),
    deviceSeed: owner.deviceSeed,
    directorySecret: owner.directorySecret,
    sequence: nowMs,
    expiresMs: nowMs + 48 * hourMs,
    nonce: seedOf('claim nonce').subarray(0, 12),
    workBits: 14,
    ...changes,
  };
}

export function recordOf(owner: Person = alice, changes: Partial<ClaimWish> = {}): Uint8Array {
  return unwrap(sealClaim(primitives, wishOf(owner, changes)));
}

/** What is under the seal of a record of Alice's. */
export function openedPlain(record: Uint8Array, period: number = claimPeriod(nowMs)): Uint8Array {
  const plain = new Uint8Array(816);
  const [head, sealed] = [record.subarray(0, 96), record.subarray(96, 928)];
  const key = claimKey(primitives, alice.userId, period);
  if (!primitives.open(plain, sealed, head, record.subarray(84, 96), key))
    throw new Error('the record is for this day');
  return plain;
}

/**
 * A record of Mallory's, valid for nodes, with any plaintext under the seal: everybody who knows the address can
 * make one.
 */
export function recordAround(plain: Uint8Array): Uint8Array {
  const period = claimPeriod(nowMs);
  const seed = directorySeed(primitives, seedOf('mallory directory'), period);
  const head = encodeClaimHead({
    locator: claimLocator(primitives, alice.userId, period),
    directoryKey: primitives.ed25519PublicKey(seed),
    sequence: nowMs,
    expiresMs: nowMs + hourMs,
    nonce: seedOf('mallory nonce').subarray(0, 12),
  });
  const record = new Uint8Array(928);
  record.set(head);
  primitives.seal(
    record.subarray(96),
    plain,
    head,
    head.subarray(84),
    claimKey(primitives, alice.userId, period),
  );
  return finishClaimRecord(primitives, record, seed, 14);
}
