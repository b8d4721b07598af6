/** What is known here for and against the account that is pinned under an address; trust.ts weighs it. */
import { accountFingerprint, type Primitives } from '@mycelium/protocol';
import { judgeProof } from '../domains/judge-proof.ts';
import type { Rows } from '../loop/rows.ts';
import type { RivalRow } from '../store/rival-rows.ts';
import type { ContactRow } from '../store/rows.ts';
import { contactState } from './contact-row.ts';
import { judge, type Evidence } from './trust.ts';
import { vouchersOf } from './vouchers.ts';

/** Accounts are cheap to make: beyond so many for one address the person is told, and asked no more. */
export const rivalsMax = 16;

export interface EvidencePorts {
  readonly primitives: Primitives;
  readonly nowMs: number;
}

export function evidenceOf(rows: Rows, ports: EvidencePorts, contact: ContactRow): Evidence {
  const vouches = vouchersOf(rows, ports, contact).filter(({ counts }) => counts);
  const { accountKey } = contactState(ports.primitives, contact);
  const { address, verifiedKey, chosen = false, domainProof: proof } = contact;
  const proved = judgeProof(rows, ports, { address, accountId: contact.accountId, proof });
  const rivals = openRivals(contact).map(({ accountId, domainProof }) => ({
    fingerprint: accountFingerprint(accountId),
    domainProof: judgeProof(rows, ports, { address, accountId, proof: domainProof }).kind === 'holds',
  }));
  return {
    accountKey,
    verifiedKey,
    vouches,
    domainProof: proved.kind === 'holds' ? proved.domain : undefined,
    domainNote: proved.kind === 'holds' ? proved.note : proved.kind === 'doubt' ? proved.why : undefined,
    chosen,
    rivals,
  };
}

export function openRivals({ rivals = [] }: ContactRow): readonly RivalRow[] {
  return rivals.filter(({ turnedDown }) => !turnedDown);
}

/** Nothing may go out to it. Asked for everything that is said: where nobody claims the address, nothing is weighed. */
export function isContested(rows: Rows, ports: EvidencePorts, contact: ContactRow): boolean {
  return openRivals(contact).length > 0 && judge(evidenceOf(rows, ports, contact)).trust === 'contested';
}
