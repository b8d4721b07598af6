/**
 * Nothing goes out to a contact whose identity is in doubt. What the contact has not confirmed is pulled back: frames that
 * are only here are deleted, relays are told to forget theirs, and the texts in them are *held*. They go out again in a
 * new feed (renew-feed.ts), said with the place where they stood first, so that who had got one all the same shows it
 * once; or they are dropped. What comes in is read as before.
 */
import { bytesToHex } from '@mycelium/protocol';
import type { HeldTexts } from '../client.ts';
import { pullBackQueue } from '../conversation/drop-queue.ts';
import type { SayingAgain } from '../conversation/say-again.ts';
import type { Draft } from '../loop/draft.ts';
import type { Rows } from '../loop/rows.ts';
import type { StepPorts } from '../ports.ts';
import { prefixRange } from '../store/keys.ts';
import type { ContactRow, MessageRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { putContact } from './contact-row.ts';
import { leaveOwnFeed, renewFeed } from './renew-feed.ts';

/** The contact with nothing on its way out any more. */
export function hold(draft: Draft, contact: ContactRow): ContactRow {
  for (const feedId of contact.ownFeeds) {
    for (const { message } of leaveOwnFeed(draft, feedId, pullBackQueue)) setState(draft, message, 'held');
  }
  for (const { key, row } of draft.scan(tables.introductions)) {
    if (row.address === contact.address) draft.delete(tables.introductions, key);
  }
  return putContact(draft, { ...contact, heldSinceMs: draft.nowMs });
}

export function heldTexts(rows: Rows, contact: ContactRow): readonly MessageRow[] {
  if (contact.heldSinceMs === undefined) return [];
  const messages = rows.scan(tables.messages, prefixRange(contact.conversation)).map(({ row }) => row);
  return messages.filter(({ state }) => state === 'held');
}

/** The person has decided: the conversation goes on with the account of this row. */
export async function release(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  texts: HeldTexts,
): Promise<ContactRow> {
  const held = heldTexts(draft, contact);
  const { heldSinceMs: _held, ...row } = contact;
  const released = putContact(draft, row);
  const goOut = texts === 'send' ? held : [];
  for (const message of texts === 'drop' ? held : []) setState(draft, message, 'failed');
  const again = goOut.map((message): SayingAgain => ({ message: { ...message, state: 'stored' }, again: 0 }));
  if (released.ownFeeds.length > 0) await renewFeed(draft, ports, released, again);
  return released;
}

export function setState(draft: Draft, message: MessageRow, state: 'held' | 'failed'): void {
  const key = draft.get(tables.messageKeys, message.id);
  if (key === undefined) return;
  draft.put(tables.messages, key, { ...message, state });
  const [id, conversation] = [bytesToHex(message.id), bytesToHex(message.conversation)];
  draft.announce({ event: 'receipt', id, conversation, state });
}
