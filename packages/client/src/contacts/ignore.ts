/** Requests that the person does not want to see, and does not want to answer by blocking either (spec/messages.md, "Introduction"). */
import { ClientError } from '../client.ts';
import type { Draft } from '../loop/draft.ts';
import type { ContactRow } from '../store/rows.ts';
import { findContact, putContact } from './contact-row.ts';

/** It disappears; what the same account sends later leaves nothing behind. What has come is kept, so that this can be undone. */
export function ignore(draft: Draft, address: string): ContactRow {
  const contact = findContact(draft, address);
  if (contact.status === 'ignored') return contact;
  if (contact.status !== 'request') {
    throw new ClientError(
      'not-a-request',
      `${contact.address} has no request that waits: only requests can be ignored. To take nothing more from a contact, block them.`,
    );
  }
  return change(draft, contact, 'ignored');
}

export function unignore(draft: Draft, address: string): ContactRow {
  const contact = findContact(draft, address);
  if (contact.status !== 'ignored')
    throw new ClientError('not-a-request', `${contact.address} is not ignored.`);
  return change(draft, contact, 'request');
}

function change(draft: Draft, contact: ContactRow, status: 'ignored' | 'request'): ContactRow {
  draft.announce({ event: 'contact', address: contact.address, state: status });
  return putContact(draft, { ...contact, status });
}
