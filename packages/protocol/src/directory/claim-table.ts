/**
 * The claim records that one directory node keeps (spec/directory.md, "What a node keeps"): a table without a
 * clock or a network. Nobody's record pushes out another one of the same or more work, nobody's sequence goes
 * back, one network cannot fill it.
 */
import { bytesEqual, bytesToHex } from '../bytes/compare.ts';
import { accept, refuse, type Result } from '../errors.ts';
import { claimsMax, claimsPerLocatorMax, claimsPerNetworkMax, claimSweepMs } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import { verifyClaimRecord, type ClaimRecord } from './claim-record.ts';

export interface ClaimTableLimits {
  readonly perLocator: number;
  readonly perNetwork: number;
  readonly total: number;
}

export type PutOutcome = 'new' | 'replaced' | 'same';

interface KeptClaim {
  readonly record: ClaimRecord;
  /** Who put it: `sourceNetwork`. */
  readonly network: string;
}

const where = 'claim-record';
const defaultLimits: ClaimTableLimits = {
  perLocator: claimsPerLocatorMax,
  perNetwork: claimsPerNetworkMax,
  total: claimsMax,
};

export class ClaimTable {
  readonly #primitives: Primitives;
  readonly #limits: ClaimTableLimits;
  readonly #claimsByLocator = new Map<string, readonly KeptClaim[]>();
  readonly #countByNetwork = new Map<string, number>();
  #size = 0;
  /** Nothing expires before this time. */
  #nextExpiryMs = Number.POSITIVE_INFINITY;
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(primitives: Primitives, limits: ClaimTableLimits = defaultLimits) {
    this.#primitives = primitives;
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** Verifies an encoded record and keeps it. `network`: `sourceNetwork` of who sent it. */
  put(bytes: Uint8Array, network: string, nowMs: number): Result<PutOutcome> {
    const verified = verifyClaimRecord(this.#primitives, bytes, nowMs);
    if (!verified.ok) return verified;
    this.#sweep(nowMs);
    const record = verified.value;
    const locator = bytesToHex(record.locator);
    const claims = this.#claimsByLocator.get(locator) ?? [];
    const older = claims.find((claim) => bytesEqual(claim.record.directoryKey, record.directoryKey));
    if (older !== undefined) {
      if (bytesEqual(older.record.digest, record.digest)) return accept('same');
      if (record.sequence < older.record.sequence)
        return refuse('sequence', `${where}.sequence`, 'is not below what this node has of the same key');
      if (record.sequence === older.record.sequence)
        return refuse('equivocation', `${where}.sequence`, 'is used for one record only');
    }
    const leaving = older ?? this.#leastWork(claims);
    if (leaving !== undefined && older === undefined && record.workBits <= leaving.record.workBits) {
      return refuse(
        'crowded',
        `${where}.work`,
        `is more than the least of the ${this.#limits.perLocator} records here`,
      );
    }
    const room = this.#room(network, leaving);
    if (!room.ok) return room;
    const kept = { record, network };
    this.#claimsByLocator.set(locator, [...claims.filter((claim) => claim !== leaving), kept]);
    if (leaving !== undefined) this.#count(leaving.network, -1);
    this.#count(network, 1);
    this.#nextExpiryMs = Math.min(this.#nextExpiryMs, record.expiresMs);
    return accept(older === undefined ? 'new' : 'replaced');
  }

  /** Records of a locator that have not expired, most work first. */
  get(locator: Uint8Array, nowMs: number): readonly ClaimRecord[] {
    const claims = this.#claimsByLocator.get(bytesToHex(locator)) ?? [];
    const live = claims.map((claim) => claim.record).filter((record) => record.expiresMs > nowMs);
    return live.toSorted((left, right) => right.workBits - left.workBits);
  }

  /** Locators of records that have not expired. */
  *locators(nowMs: number): Generator<Uint8Array> {
    for (const [first] of this.#claimsByLocator.values()) {
      if (first !== undefined && first.record.expiresMs > nowMs) yield first.record.locator;
    }
  }

  /** All records that have not expired, with the network they count for: what a node writes to its file. */
  *entries(nowMs: number): Generator<{ readonly bytes: Uint8Array; readonly network: string }> {
    for (const claims of this.#claimsByLocator.values()) {
      for (const { record, network } of claims) {
        if (record.expiresMs > nowMs) yield { bytes: record.bytes, network };
      }
    }
  }

  /** Forgets what has expired. Answers how many went. */
  expire(nowMs: number): number {
    const before = this.#size;
    this.#sweptMs = nowMs;
    this.#nextExpiryMs = Number.POSITIVE_INFINITY;
    for (const [locator, claims] of this.#claimsByLocator) {
      const live = claims.filter((claim) => claim.record.expiresMs > nowMs);
      for (const claim of claims) {
        const { expiresMs } = claim.record;
        if (expiresMs > nowMs) this.#nextExpiryMs = Math.min(this.#nextExpiryMs, expiresMs);
        else this.#count(claim.network, -1);
      }
      if (live.length === 0) this.#claimsByLocator.delete(locator);
      else if (live.length < claims.length) this.#claimsByLocator.set(locator, live);
    }
    return before - this.#size;
  }

  /** `expire` where it may find something, and not at every record of somebody who staggers expiries. */
  #sweep(nowMs: number): void {
    const sinceMs = nowMs - this.#sweptMs;
    if (nowMs >= this.#nextExpiryMs && (sinceMs < 0 || sinceMs >= claimSweepMs)) this.expire(nowMs);
  }

  /** Who would have to leave for one more record of another key; undefined while there is room. */
  #leastWork(claims: readonly KeptClaim[]): KeptClaim | undefined {
    if (claims.length < this.#limits.perLocator) return undefined;
    return claims.reduce((least, claim) => (claim.record.workBits < least.record.workBits ? claim : least));
  }

  #room(network: string, leaving: KeptClaim | undefined): Result<true> {
    const ofNetwork = (this.#countByNetwork.get(network) ?? 0) - (leaving?.network === network ? 1 : 0);
    if (ofNetwork >= this.#limits.perNetwork)
      return refuse('quota', where, `is one of at most ${this.#limits.perNetwork} from one network`);
    if (leaving === undefined && this.#size >= this.#limits.total)
      return refuse('full', where, `is one of at most ${this.#limits.total} in all`);
    return accept(true);
  }

  #count(network: string, change: 1 | -1): void {
    const count = (this.#countByNetwork.get(network) ?? 0) + change;
    if (count === 0) this.#countByNetwork.delete(network);
    else this.#countByNetwork.set(network, count);
    this.#size += change;
  }
}
