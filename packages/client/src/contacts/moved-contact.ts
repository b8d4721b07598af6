/**
 * A contact whose account log says that it has another address now (spec/identity.md, "Moved addresses"): it is known by that
 * one from here on. The conversation is of the two accounts and stays what it is.
 */
import type { AccountState } from '@mycelium/protocol';
import type { Draft } from '../loop/draft.ts';
import type { Rows } from '../loop/rows.ts';
import type { StepPorts } from '../ports.ts';
import { textKey } from '../store/keys.ts';
import type { ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { contactState, feedIdsOf, putContact } from './contact-row.ts';
import { tellSecurity } from './tell-security.ts';

/** `contact` as it was; answers it under its present address, where nobody else is known by that. */
export function followMove(draft: Draft, contact: ContactRow, { address }: AccountState): ContactRow {
  if (address === contact.address) return contact;
  const told = { event: 'security', kind: 'moved', address: contact.address } as const;
  if (draft.get(tables.contacts, textKey(address)) !== undefined) {
    tellSecurity(draft, {
      ...told,
      text: `${contact.address} says to be ${address} now, which is another contact of yours: it stays under the address that you know.`,
    });
    return contact;
  }
  draft.delete(tables.contacts, textKey(contact.address));
  const { domainProof: _proof, ...before } = contact;
  const moved = putContact(draft, { ...before, address });
  for (const feedId of feedIdsOf(contact)) {
    const feed = draft.get(tables.feeds, feedId);
    if (feed !== undefined) draft.put(tables.feeds, feedId, { ...feed, address });
  }
  for (const { key, row } of draft.scan(tables.introductions)) {
    if (row.address === contact.address) draft.put(tables.introductions, key, { ...row, address });
  }
  tellSecurity(draft, {
    ...told,
    text: `${contact.address} has moved to ${address}, signed by the same account. Who calls themselves ${contact.address} from now on is somebody else.`,
  });
  draft.announce({ event: 'contact', address, state: moved.status });
  return moved;
}

/** The contact who had this address once and has moved away from it. */
export function formerHolder(
  rows: Rows,
  ports: Pick<StepPorts, 'primitives'>,
  address: string,
): ContactRow | undefined {
  return rows
    .scan(tables.contacts)
    .map(({ row }) => row)
    .find((contact) => contactState(ports.primitives, contact).formerAddresses.includes(address));
}
