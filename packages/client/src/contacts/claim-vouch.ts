/**
 * Vouches in claims (spec/trust.md, "In claims"): whose word for us strangers see who look us up, if anybody's; and what others
 * show so counts as if the voucher had told us.
 */
import {
  bytesEqual,
  claimVouchOf,
  readClaimVouch,
  verifyVouch,
  type AccountId,
  type Claim,
} from '@mycelium/protocol';
import { accountState, requireAccount } from '../account/account-row.ts';
import { ClientError } from '../client.ts';
import { planWork } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { Rows } from '../loop/rows.ts';
import type { StepPorts } from '../ports.ts';
import { keyOf } from '../store/keys.ts';
import type { ContactRow, VouchRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { contactOfAccount, contactState, findContact } from './contact-row.ts';
import { keepVouch, type VouchPorts } from './vouchers.ts';

/** `from`: whose word; undefined: nobody's any more. */
export function showVouch(draft: Draft, ports: StepPorts, from: string | undefined): void {
  const account = requireAccount(draft);
  const shownVoucher = from === undefined ? undefined : findContact(draft, from).accountId;
  if (shownVoucher !== undefined) {
    const shown = showable(draft, { ...ports, nowMs: draft.nowMs }, shownVoucher);
    if (shown === undefined)
      throw new ClientError('not-found', `${from} does not vouch for you as you are now.`);
  }
  draft.put(tables.account, accountRowKey, { ...account, shownVoucher });
  planWork(draft, 'claim', draft.nowMs);
}

/** What goes into our claim; empty: nothing. */
export function ownClaimVouch(rows: Rows, ports: VouchPorts): Uint8Array {
  const { shownVoucher } = requireAccount(rows);
  const vouch = shownVoucher === undefined ? undefined : showable(rows, ports, shownVoucher);
  return vouch === undefined ? new Uint8Array() : claimVouchOf(vouch, vouch.statement);
}

/** It has to be about the address and the key that the claim has: a reader takes them from there. */
function showable(rows: Rows, ports: VouchPorts, voucher: AccountId): VouchRow | undefined {
  const account = requireAccount(rows);
  const vouch = rows.get(tables.vouches, keyOf(account.accountId, voucher));
  if (vouch?.kind !== 'vouch' || vouch.expiresMs <= ports.nowMs) return undefined;
  const { accountKey } = accountState(ports.primitives, account);
  return vouch.address === account.address && bytesEqual(vouch.accountKey, accountKey) ? vouch : undefined;
}

/** Of a claim that somebody was found by: a word that is not by a contact of ours says nothing to us. */
export function takeClaimVouch(draft: Draft, ports: StepPorts, contact: ContactRow, claim: Claim): void {
  const { accountId, accountKey, vouches } = claim;
  if (vouches.length === 0 || !bytesEqual(accountId, contact.accountId)) return;
  const read = readClaimVouch(vouches, { address: contact.address, accountId, accountKey });
  const voucher = read.ok ? contactOfAccount(draft, read.value.voucher) : undefined;
  if (!read.ok || voucher?.status !== 'accepted') return;
  const { statement } = read.value;
  const signer = contactState(ports.primitives, voucher);
  const vouch = verifyVouch(ports.primitives, statement, signer, draft.nowMs);
  if (vouch.ok) keepVouch(draft, { ...vouch.value, statement });
}
