/** A contact as the person sees it, with the rung of the trust ladder that it stands on and why. */
import { accountFingerprint, bytesToHex, safetyNumber, type Primitives } from '@mycelium/protocol';
import { accountState, requireAccount } from '../account/account-row.ts';
import type { ContactView } from '../client.ts';
import { contactState } from '../contacts/contact-row.ts';
import { evidenceOf, type EvidencePorts } from '../contacts/evidence.ts';
import { heldTexts } from '../contacts/hold.ts';
import { judge } from '../contacts/trust.ts';
import type { Rows } from '../loop/rows.ts';
import type { AccountRow, ContactRow } from '../store/rows.ts';

export function safetyNumberOf(primitives: Primitives, account: AccountRow, contact: ContactRow): string {
  return safetyNumber(primitives, accountState(primitives, account), contactState(primitives, contact));
}

export function contactView(rows: Rows, ports: EvidencePorts, contact: ContactRow): ContactView {
  const { trust, reason } = judge(evidenceOf(rows, ports, contact));
  return {
    address: contact.address,
    trust,
    trustReason: reason,
    safetyNumber: safetyNumberOf(ports.primitives, requireAccount(rows), contact),
    fingerprint: accountFingerprint(contact.accountId),
    state: contact.status,
    conversation: bytesToHex(contact.conversation),
    label: contact.label,
    policy: contact.policy ?? 'direct',
    rivals: (contact.rivals ?? []).map(({ accountId, seenIn, sinceMs, turnedDown }) => ({
      fingerprint: accountFingerprint(accountId),
      seenIn,
      since: sinceMs,
      turnedDown,
    })),
    held: heldTexts(rows, contact).length,
  };
}
