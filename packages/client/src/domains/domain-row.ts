/**
 * What is known of a domain (spec/domain.md, "What is believed"): the key that it was first seen with stays until the
 * person takes another one; what it revoked stays revoked. Pure: a record in, the row as it is then.
 */
import {
  bytesEqual,
  verifyRevocations,
  type DomainRecord,
  type Primitives,
  type Refusal,
} from '@mycelium/protocol';
import type { DomainRow } from '../store/rows.ts';

/** Between two looks at a domain that answers, whatever its TTL says. */
const lookMsMin = 300_000;
const lookMsMax = 86_400_000;
/** Where nobody tells how long an answer holds. */
const lookMsUsual = 3_600_000;
/** An answer is believed this long while no newer one can be had. */
export const answerHoldsMs: number = 30 * 86_400_000;

export function unknownDomain(domain: string): DomainRow {
  return {
    domain,
    key: undefined,
    offeredKey: undefined,
    revoked: { sequence: 0, serials: [] },
    publishes: 'unknown',
    answeredMs: undefined,
    note: 'not asked yet',
  };
}

export function nextLookMs(ttlMs: number | undefined): number {
  return Math.min(lookMsMax, Math.max(lookMsMin, ttlMs ?? lookMsUsual));
}

export interface Heard {
  /** Undefined: the domain has none. */
  readonly record: DomainRecord | undefined;
  readonly nowMs: number;
  readonly from: string;
}

export interface TakenRecord {
  readonly row: DomainRow;
  /** The list of revocations did not hold, and was left aside. */
  readonly refusal: Refusal | undefined;
}

/** An answer of the domain itself, or for it: DNS is what it is. */
export function takeRecord(
  primitives: Primitives,
  before: DomainRow,
  { record, nowMs, from }: Heard,
): TakenRecord {
  const answered = { ...before, answeredMs: nowMs, note: `as ${from} said` };
  const key = record?.key;
  if (key === undefined) {
    return { row: { ...answered, publishes: 'nothing', offeredKey: undefined }, refusal: undefined };
  }
  const pinned = before.key ?? key;
  if (!bytesEqual(pinned, key)) {
    return { row: { ...answered, publishes: 'another-key', offeredKey: key }, refusal: undefined };
  }
  const row: DomainRow = { ...answered, key: pinned, publishes: 'key', offeredKey: undefined };
  if (record?.revocations === undefined) return { row, refusal: undefined };
  const list = verifyRevocations(primitives, record.revocations, { name: before.domain, key });
  if (!list.ok) return { row, refusal: list.refusal };
  const { sequence, serials } = list.value;
  const newer = sequence > before.revoked.sequence;
  return { row: newer ? { ...row, revoked: { sequence, serials } } : row, refusal: undefined };
}

/** The person takes the key that the domain has now: what the old one revoked says nothing about the new one's proofs. */
export function withOfferedKey(row: DomainRow, key: Uint8Array): DomainRow {
  return { ...row, key, offeredKey: undefined, publishes: 'key', revoked: { sequence: 0, serials: [] } };
}
