/**
 * Whose word stands behind a contact (spec/trust.md, "Vouches"): kept as it was said, and judged anew whenever it is looked
 * at, so that a revocation, an expiry or a key that changed counts at once.
 */
import { accountKeysOf, bytesEqual, type AccountId, type Primitives } from '@mycelium/protocol';
import { keyOf, prefixRange } from '../store/keys.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import type { Draft } from '../loop/draft.ts';
import type { Rows } from '../loop/rows.ts';
import type { ContactRow, VouchRow } from '../store/rows.ts';
import { contactOfAccount, contactState } from './contact-row.ts';

export type VouchDepth = 0 | 1 | 2;

/** Accounts of which one voucher's word is kept: a contact that says more fills nobody's disk. */
export const vouchesKeptMax = 64;

export interface VouchPorts {
  readonly primitives: Primitives;
  readonly nowMs: number;
}

/** Somebody who vouches for a contact, and what that is worth. */
export interface Voucher {
  readonly address: string;
  /** Who vouches for the voucher, where the person has not verified them. */
  readonly through: string | undefined;
  readonly issuedMs: number;
  readonly expiresMs: number;
  readonly counts: boolean;
}

export function vouchDepth(rows: Rows): VouchDepth {
  return rows.get(tables.account, accountRowKey)?.vouchDepth ?? 1;
}

/** All whose word holds for this contact, also those whose word does not count. */
export function vouchersOf(
  rows: Rows,
  ports: VouchPorts,
  contact: ContactRow,
  depth: VouchDepth = vouchDepth(rows),
): readonly Voucher[] {
  const kept = rows.scan(tables.vouches, prefixRange(contact.accountId)).map(({ row }) => row);
  const holding = kept.filter((vouch) => holds(vouch, contact, ports.nowMs));
  return holding.flatMap((vouch) => {
    const voucher = contactOfAccount(rows, vouch.voucher);
    if (voucher?.status !== 'accepted') return [];
    const verified = isVerified(ports.primitives, voucher);
    const through = verified || depth < 2 ? undefined : countingVoucher(rows, ports, voucher);
    const { issuedMs, expiresMs } = vouch;
    const counts = depth > 0 && (verified || through !== undefined);
    return [{ address: voucher.address, through, issuedMs, expiresMs, counts }];
  });
}

function countingVoucher(rows: Rows, ports: VouchPorts, contact: ContactRow): string | undefined {
  return vouchersOf(rows, ports, contact, 1).find(({ counts }) => counts)?.address;
}

/** About this account, by this name, with a key that leads to the one that it has now. */
function holds(vouch: VouchRow, contact: ContactRow, nowMs: number): boolean {
  const { kind, address, accountId, accountKey, expiresMs } = vouch;
  if (kind !== 'vouch' || expiresMs <= nowMs) return false;
  if (address !== contact.address || !bytesEqual(accountId, contact.accountId)) return false;
  return accountKeysOf(contact.log).some((key) => bytesEqual(key, accountKey));
}

/** The number of the key that it has now was compared. */
export function isVerified(primitives: Primitives, contact: ContactRow): boolean {
  const { verifiedKey } = contact;
  return verifiedKey !== undefined && bytesEqual(verifiedKey, contactState(primitives, contact).accountKey);
}

/** The newest word counts. False: it was known, or something newer is. */
export function keepVouch(draft: Draft, vouch: VouchRow): boolean {
  const key = keyOf(vouch.accountId, vouch.voucher);
  const known = draft.get(tables.vouches, key);
  if (known !== undefined && known.issuedMs >= vouch.issuedMs) return false;
  draft.put(tables.vouches, key, vouch);
  draft.put(tables.vouchesBy, keyOf(vouch.voucher, vouch.accountId), key);
  makeRoom(draft, vouch.voucher);
  return true;
}

/** The one that was issued first goes first. */
function makeRoom(draft: Draft, voucher: AccountId): void {
  const all = draft.scan(tables.vouchesBy, prefixRange(voucher));
  if (all.length <= vouchesKeptMax) return;
  const issued = all.map(({ key, row }) => ({
    key,
    row,
    issuedMs: draft.get(tables.vouches, row)?.issuedMs ?? 0,
  }));
  const [first] = issued.toSorted((one, other) => one.issuedMs - other.issuedMs);
  if (first === undefined) return;
  draft.delete(tables.vouches, first.row);
  draft.delete(tables.vouchesBy, first.key);
}

/** The contact is removed: neither its word nor what it was told is kept. */
export function forgetVouchesOf(draft: Draft, accountId: AccountId): void {
  for (const { key, row } of draft.scan(tables.vouchesBy, prefixRange(accountId))) {
    draft.delete(tables.vouches, row);
    draft.delete(tables.vouchesBy, key);
  }
  for (const { key } of draft.scan(tables.vouchesGiven, prefixRange(accountId)))
    draft.delete(tables.vouchesGiven, key);
}
