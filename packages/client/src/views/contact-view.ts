/** A contact as the person sees it, with the rung of the trust ladder that it stands on and why. */
import { accountFingerprint, bytesToHex, hexToBytes } from '@mycelium/protocol';
import type { ContactView } from '../client.ts';
import type { CameBy } from '../invite-views.ts';
import type { VoucherView } from '../trust-views.ts';
import { evidenceOf, type EvidencePorts } from '../contacts/evidence.ts';
import { heldTexts } from '../contacts/hold.ts';
import { judge, wayUp } from '../contacts/trust.ts';
import { safetyNumberOf } from '../contacts/verify.ts';
import { vouchersOf, type Voucher } from '../contacts/vouchers.ts';
import type { Rows } from '../loop/rows.ts';
import type { ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { cameBy } from './invite-view.ts';

export function contactView(rows: Rows, ports: EvidencePorts, contact: ContactRow): ContactView {
  const { trust, reason } = judge(evidenceOf(rows, ports, contact));
  return {
    address: contact.address,
    trust,
    trustReason: reason,
    wayUp: wayUp(trust, contact.address),
    vouchers: vouchersOf(rows, ports, contact).map(voucherView),
    safetyNumber: safetyNumberOf(rows, ports.primitives, contact),
    fingerprint: accountFingerprint(contact.accountId),
    state: contact.status,
    conversation: bytesToHex(contact.conversation),
    label: contact.label,
    warning: contact.warning,
    policy: contact.policy ?? 'direct',
    greeting: greetingOf(contact),
    cameBy: cameByOf(rows, contact, ports.nowMs),
    rivals: (contact.rivals ?? []).map(({ accountId, seenIn, sinceMs, turnedDown }) => ({
      fingerprint: accountFingerprint(accountId),
      seenIn,
      since: sinceMs,
      turnedDown,
    })),
    doubts: (contact.doubts ?? []).map(({ text }) => text),
    held: heldTexts(rows, contact).length,
  };
}

function voucherView({ address, through, issuedMs, expiresMs, counts }: Voucher): VoucherView {
  return { address, through, issued: issuedMs, expires: expiresMs, counts };
}

function greetingOf({ greeting, status }: ContactRow): string | undefined {
  return (status === 'request' || status === 'ignored') && greeting !== '' ? greeting : undefined;
}

function cameByOf(rows: Rows, contact: ContactRow, nowMs: number): CameBy | undefined {
  const id = contact.cameBy === undefined ? undefined : hexToBytes(contact.cameBy);
  const invite = id === undefined ? undefined : rows.get(tables.invites, id);
  return invite && cameBy(invite, nowMs);
}
