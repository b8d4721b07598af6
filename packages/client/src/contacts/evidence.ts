/** What is known here for and against the account that is pinned under an address; trust.ts weighs it. */
import { accountFingerprint, type Primitives } from '@mycelium/protocol';
import type { Rows } from '../loop/rows.ts';
import type { ContactRow, RivalRow } from '../store/rows.ts';
import { contactState } from './contact-row.ts';
import { judge, type Evidence } from './trust.ts';

/** Accounts are cheap to make: beyond so many for one address the person is told, and asked no more. */
export const rivalsMax = 16;

export interface EvidencePorts {
  readonly primitives: Primitives;
  readonly nowMs: number;
}

export function evidenceOf(_rows: Rows, { primitives }: EvidencePorts, contact: ContactRow): Evidence {
  const { accountKey } = contactState(primitives, contact);
  const { verifiedKey, chosen = false } = contact;
  const rivals = openRivals(contact).map(({ accountId }) => ({
    fingerprint: accountFingerprint(accountId),
    domainProof: false,
  }));
  return { accountKey, verifiedKey, vouches: [], domainProof: undefined, chosen, rivals };
}

export function openRivals({ rivals = [] }: ContactRow): readonly RivalRow[] {
  return rivals.filter(({ turnedDown }) => !turnedDown);
}

/** Nothing may go out to it. */
export function isContested(rows: Rows, ports: EvidencePorts, contact: ContactRow): boolean {
  return judge(evidenceOf(rows, ports, contact)).trust === 'contested';
}
