/** What is known here for and against the account that is pinned under an address; trust.ts weighs it. */
import type { Primitives } from '@mycelium/protocol';
import type { Rows } from '../loop/rows.ts';
import type { ContactRow } from '../store/rows.ts';
import { contactState } from './contact-row.ts';
import type { Evidence } from './trust.ts';

export interface EvidencePorts {
  readonly primitives: Primitives;
  readonly nowMs: number;
}

export function evidenceOf(_rows: Rows, { primitives }: EvidencePorts, contact: ContactRow): Evidence {
  const { accountKey } = contactState(primitives, contact);
  const { verifiedKey } = contact;
  return { accountKey, verifiedKey, vouches: [], domainProof: undefined, chosen: false, rivals: [] };
}
