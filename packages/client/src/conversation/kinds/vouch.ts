/**
 * Kind 134: a contact vouches for somebody, or takes that back (spec/trust.md, "Taking"). Kept whoever it is about and whatever
 * it is worth; what it is worth is judged when it is looked at (contacts/vouchers.ts).
 */
import {
  accountKeysOf,
  bytesEqual,
  decodeVouches,
  refuse,
  verifyVouch,
  type Result,
  type Vouch,
} from '@mycelium/protocol';
import { requireAccount } from '../../account/account-row.ts';
import { contactOfAccount } from '../../contacts/contact-row.ts';
import { openRivals } from '../../contacts/evidence.ts';
import { reweighAndRelease } from '../../contacts/rivals.ts';
import { tellSecurity } from '../../contacts/tell-security.ts';
import { isVerified, keepVouch } from '../../contacts/vouchers.ts';
import type { Draft } from '../../loop/draft.ts';
import type { StepPorts } from '../../ports.ts';
import { textKey } from '../../store/keys.ts';
import type { ContactRow, VouchRow } from '../../store/rows.ts';
import { tables } from '../../store/tables.ts';
import { refuseMessage, type TakeKind } from '../incoming.ts';

export const takeVouch: TakeKind = async (draft, ports, { contact, feed, content }) => {
  if (contact.status !== 'accepted') return feed;
  const statements = decodeVouches(content.body);
  if (!statements.ok) {
    refuseMessage(draft, feed.address, statements.refusal);
    return feed;
  }
  for (const statement of statements.value) {
    const vouch = verify(draft, ports, contact, statement);
    if (vouch.ok) await take(draft, ports, contact, { ...vouch.value, statement });
    // What was on its way for too long, or is said again after its time, is no fault of anybody.
    else if (vouch.refusal.code !== 'expired') refuseMessage(draft, feed.address, vouch.refusal);
  }
  return feed;
};

/** The feed is the voucher's: what its account signed before its key was rotated is its word all the same. */
function verify(draft: Draft, ports: StepPorts, voucher: ContactRow, statement: Uint8Array): Result<Vouch> {
  const { accountId } = voucher;
  const tried = accountKeysOf(voucher.log)
    .toReversed()
    .map((accountKey) => verifyVouch(ports.primitives, statement, { accountId, accountKey }, draft.nowMs));
  return tried.find(({ ok }) => ok) ?? tried[0] ?? refuse('voucher', 'vouch.voucher', 'has an account log');
}

async function take(draft: Draft, ports: StepPorts, voucher: ContactRow, vouch: VouchRow): Promise<void> {
  if (!keepVouch(draft, vouch)) return;
  const { kind, address, expiresMs } = vouch;
  draft.announce({
    event: 'vouch',
    from: voucher.address,
    about: address,
    state: kind === 'vouch' ? 'given' : 'revoked',
    expires: expiresMs,
  });
  if (kind === 'vouch') tellContradiction(draft, ports, voucher, vouch);
  const about = contactOfAccount(draft, vouch.accountId);
  // Others may claim the address: a word that counts decides between them, and without it nothing goes out again.
  if (about !== undefined && openRivals(about).length > 0) await reweighAndRelease(draft, ports, about);
}

/** Somebody whom the person verified says that another account has the name of a contact, or the person's own. */
function tellContradiction(draft: Draft, ports: StepPorts, voucher: ContactRow, vouch: Vouch): void {
  if (!isVerified(ports.primitives, voucher)) return;
  const { address, accountId } = vouch;
  const account = requireAccount(draft);
  const known = address === account.address ? account : draft.get(tables.contacts, textKey(address));
  if (known === undefined || bytesEqual(known.accountId, accountId)) return;
  tellSecurity(draft, {
    event: 'security',
    kind: 'split-view',
    address,
    text: `${voucher.address}, whom you verified, vouches for another account of ${address} than the one that you know: compare the safety number.`,
  });
}
