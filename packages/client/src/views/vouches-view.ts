/** Vouches as the person sees them: those they gave, each with whom it was told, and those that contacts gave for them. */
import { bytesToHex, type Vouch } from '@mycelium/protocol';
import { requireAccount } from '../account/account-row.ts';
import type { VouchesView, VouchView } from '../trust-views.ts';
import { contactOfAccount } from '../contacts/contact-row.ts';
import { givenVouches } from '../contacts/give-vouch.ts';
import { vouchDepth } from '../contacts/vouchers.ts';
import type { Rows } from '../loop/rows.ts';
import { prefixRange } from '../store/keys.ts';
import { tables } from '../store/tables.ts';

export function vouchesView(rows: Rows, nowMs: number): VouchesView {
  const { shownVoucher } = requireAccount(rows);
  const shown = shownVoucher === undefined ? undefined : contactOfAccount(rows, shownVoucher)?.address;
  return { depth: vouchDepth(rows), shown, given: given(rows, nowMs), received: received(rows, nowMs) };
}

function given(rows: Rows, nowMs: number): readonly VouchView[] {
  const { address } = requireAccount(rows);
  const byAccount = new Map<string, VouchView>();
  for (const { to, given: vouch } of givenVouches(rows)) {
    const id = `${bytesToHex(vouch.accountId)} ${vouch.kind}`;
    const others = byAccount.get(id)?.to ?? [];
    byAccount.set(id, { ...view(vouch, address, nowMs), to: [...others, to] });
  }
  return [...byAccount.values()];
}

function received(rows: Rows, nowMs: number): readonly VouchView[] {
  const { accountId, address } = requireAccount(rows);
  const about = rows.scan(tables.vouches, prefixRange(accountId)).map(({ row }) => row);
  return about.map((vouch) => {
    const voucher = contactOfAccount(rows, vouch.voucher)?.address ?? bytesToHex(vouch.voucher);
    return { ...view(vouch, voucher, nowMs), to: [address] };
  });
}

function view(vouch: Vouch, from: string, nowMs: number): Omit<VouchView, 'to'> {
  const { address: about, kind, issuedMs: issued, expiresMs: expires } = vouch;
  const state = kind === 'revocation' ? 'revoked' : expires <= nowMs ? 'expired' : 'given';
  return { from, about, state, issued, expires };
}
