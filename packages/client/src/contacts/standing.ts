/** What the person decides about a contact: verified, blocked, removed (spec/trust.md, "What the levels are"). */
import { pairConversationId } from '@mycelium/protocol';
import { requireAccount } from '../account/account-row.ts';
import { ClientError } from '../client.ts';
import type { Shown } from '../trust-views.ts';
import { dropQueue } from '../conversation/drop-queue.ts';
import { ownQueuesOf } from '../conversation/own-queues.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { prefixRange } from '../store/keys.ts';
import type { ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { contactState, deleteContact, feedIdsOf, findContact, putContact } from './contact-row.ts';
import { leaveFeed } from './join-feed.ts';
import { assertUncontested, reweighAndRelease } from './rivals.ts';
import { acceptRequest } from './take-introduction.ts';
import { assertSame } from './verify.ts';
import { forgetVouchesOf } from './vouchers.ts';

export async function verify(
  draft: Draft,
  ports: StepPorts,
  address: string,
  shown: Shown,
): Promise<ContactRow> {
  const contact = findContact(draft, address);
  assertSame(draft, ports.primitives, contact, shown);
  const { accountKey } = contactState(ports.primitives, contact);
  return reweighAndRelease(
    draft,
    ports,
    putContact(draft, { ...contact, verifiedKey: accountKey, doubts: [] }),
  );
}

export async function acceptContact(draft: Draft, ports: StepPorts, address: string): Promise<ContactRow> {
  const contact = findContact(draft, address);
  if (contact.status === 'accepted') return contact;
  assertUncontested(draft, ports, contact);
  if (contact.status === 'blocked') return unblock(draft, ports, contact);
  if (contact.status !== 'request' && contact.status !== 'ignored') {
    throw new ClientError('not-a-request', `${contact.address} has not asked: you asked them.`);
  }
  return acceptRequest(draft, ports, contact);
}

/** A blocked contact starts over, as somebody who has asked. */
async function unblock(draft: Draft, ports: StepPorts, contact: ContactRow): Promise<ContactRow> {
  return acceptRequest(draft, ports, { ...contact, status: 'request' });
}

/** Nothing of theirs is read any more and nothing of ours goes out; what was said stays. */
export function block(draft: Draft, address: string): ContactRow {
  const contact = findContact(draft, address);
  if (contact.status === 'blocked') return contact;
  leaveConversation(draft, contact);
  for (const { key } of draft.scan(tables.requests, prefixRange(contact.conversation)))
    draft.delete(tables.requests, key);
  const devices = contact.devices.map((device) => ({ ...device, feedId: undefined, addresses: [] }));
  draft.announce({ event: 'contact', address: contact.address, state: 'blocked' });
  return putContact(draft, { ...contact, status: 'blocked', devices });
}

/** The contact and everything said are forgotten. */
export function remove(draft: Draft, ports: StepPorts, address: string): void {
  const contact = findContact(draft, address);
  forgetConversation(draft, contact);
  forgetRivals(draft, ports, contact);
  draft.delete(tables.readMarks, contact.conversation);
  for (const { key, row } of draft.scan(tables.messages, prefixRange(contact.conversation))) {
    draft.delete(tables.messages, key);
    draft.delete(tables.messageKeys, row.id);
  }
}

/** The account, its feeds and ours to it. What was said stays in the history. */
export function forgetConversation(draft: Draft, contact: ContactRow): void {
  leaveConversation(draft, contact);
  for (const feedId of feedIdsOf(contact)) {
    draft.delete(tables.feeds, feedId);
    for (const table of [tables.positions, tables.outgoing, tables.psks]) {
      for (const { key } of draft.scan<unknown>(table, prefixRange(feedId))) draft.delete(table, key);
    }
  }
  for (const table of [tables.membership, tables.requests, tables.feedsOfConversations]) {
    for (const { key } of draft.scan(table, prefixRange(contact.conversation))) draft.delete(table, key);
  }
  forgetVouchesOf(draft, contact.accountId);
  deleteContact(draft, contact);
}

/** Introductions of accounts that the person has not chosen. */
export function forgetRivals(draft: Draft, ports: StepPorts, contact: ContactRow): void {
  const { accountId } = requireAccount(draft);
  for (const rival of contact.rivals ?? []) {
    const conversation = pairConversationId(ports.primitives, accountId, rival.accountId);
    for (const { key } of draft.scan(tables.requests, prefixRange(conversation)))
      draft.delete(tables.requests, key);
  }
}

function leaveConversation(draft: Draft, contact: ContactRow): void {
  for (const { feedId } of contact.devices) if (feedId !== undefined) leaveFeed(draft, feedId);
  for (const feedId of contact.ownFeeds) {
    for (const queue of ownQueuesOf(draft, feedId)) dropQueue(draft, queue.route);
  }
  for (const feedId of contact.ownFeeds) {
    const feed = draft.get(tables.feeds, feedId);
    if (feed?.kind === 'own') draft.put(tables.feeds, feedId, { ...feed, left: true });
    draft.delete(tables.groups, feedId);
  }
  for (const { key, row } of draft.scan(tables.introductions)) {
    if (row.address === contact.address) draft.delete(tables.introductions, key);
  }
}
