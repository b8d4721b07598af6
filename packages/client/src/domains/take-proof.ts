/** A proof that an account shows: kept with the contact, and the domain is looked up (spec/domain.md, "Looking up"). */
import { bytesEqual, isOutsideDns } from '@mycelium/protocol';
import { putContact } from '../contacts/contact-row.ts';
import { planWork } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { Rows } from '../loop/rows.ts';
import type { StepPorts } from '../ports.ts';
import { textKey } from '../store/keys.ts';
import type { ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { domainOf, isProofOf } from './judge-proof.ts';

const workKind = 'domain:';

export function domainWork(domain: string): string {
  return workKind + domain;
}

export function domainOfWork(name: string): string {
  return name.slice(workKind.length);
}

/** The part of a contact's row that a proof makes; nothing for what is no proof of this account. */
export function provedBy(
  draft: Draft,
  { primitives }: Pick<StepPorts, 'primitives'>,
  subject: Pick<ContactRow, 'address' | 'accountId'>,
  proof: Uint8Array | undefined,
): Pick<ContactRow, 'domainProof'> {
  if (proof === undefined || proof.length === 0) return {};
  const { address, accountId } = subject;
  return isProofOf(primitives, { address, accountId, proof }, draft.nowMs) ? { domainProof: proof } : {};
}

/** Empty: the account has none any more. One that does not hold replaces nothing. */
export function takeProof(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  proof: Uint8Array | undefined,
): ContactRow {
  if (proof === undefined) return contact;
  const { domainProof: before, ...bare } = contact;
  if (proof.length === 0) return before === undefined ? contact : putContact(draft, bare);
  if (before !== undefined && bytesEqual(before, proof)) return contact;
  const proved = provedBy(draft, ports, contact, proof);
  if (proved.domainProof === undefined) return contact;
  const changed = putContact(draft, { ...contact, ...proved });
  planLook(draft, changed);
  return changed;
}

/** Soon, where nothing or something old is known. Not for strangers: a look-up would tell their domain that we read them. */
export function planLook(draft: Draft, contact: ContactRow): void {
  const domain = domainOf(contact.address);
  if (!isLookedUpFor(contact) || isOutsideDns(domain)) return;
  const work = domainWork(domain);
  if (draft.get(tables.agenda, textKey(work)) === undefined) planWork(draft, work, draft.nowMs);
}

export function isLookedUpFor({ status, domainProof, rivals = [] }: ContactRow): boolean {
  const shown = domainProof !== undefined || rivals.some((rival) => rival.domainProof !== undefined);
  return shown && (status === 'accepted' || status === 'pending');
}

/** Contacts because of whom a domain is looked up. */
export function contactsProvedBy(rows: Rows, domain: string): readonly ContactRow[] {
  const all = rows.scan(tables.contacts).map(({ row }) => row);
  return all.filter((contact) => isLookedUpFor(contact) && domainOf(contact.address) === domain);
}
