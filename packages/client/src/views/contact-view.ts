/** A contact as the person sees it, with the rung of the trust ladder that it stands on and why. */
import {
  accountFingerprint,
  bytesEqual,
  bytesToHex,
  safetyNumber,
  type Primitives,
} from '@mycelium/protocol';
import { accountState } from '../account/account-row.ts';
import type { ContactView } from '../client.ts';
import { contactState } from '../contacts/contact-row.ts';
import type { AccountRow, ContactRow } from '../store/rows.ts';

export function safetyNumberOf(primitives: Primitives, account: AccountRow, contact: ContactRow): string {
  return safetyNumber(primitives, accountState(primitives, account), contactState(primitives, contact));
}

export function contactView(primitives: Primitives, account: AccountRow, contact: ContactRow): ContactView {
  const { accountKey } = contactState(primitives, contact);
  const verified = contact.verifiedKey !== undefined && bytesEqual(contact.verifiedKey, accountKey);
  return {
    address: contact.address,
    trust: verified ? 'verified' : 'pinned',
    trustReason: verified
      ? 'You compared the safety number.'
      : 'First seen here and the same since; nobody has compared the safety number.',
    safetyNumber: safetyNumberOf(primitives, account, contact),
    fingerprint: accountFingerprint(contact.accountId),
    state: contact.status,
    conversation: bytesToHex(contact.conversation),
    label: contact.label,
    policy: contact.policy ?? 'direct',
  };
}
