// Claims of Alice, and records around them: for tests and for vectors/generate.
import { claimPeriod, sealClaim, unwrap, type ClaimStatement, type ClaimWish } from '@mycelium/protocol';
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
