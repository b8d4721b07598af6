/** The person has seen everything that is in a conversation: it counts as read from here on. Nobody else is told. */
import { findContact } from '../contacts/contact-row.ts';
import type { Draft } from '../loop/draft.ts';
import { prefixRange } from '../store/keys.ts';
import { tables } from '../store/tables.ts';

export function markRead(draft: Draft, to: string): void {
  const { conversation } = findContact(draft, to);
  const newest = draft.scan(tables.messages, { ...prefixRange(conversation), reverse: true, limit: 1 })[0];
  if (newest !== undefined) draft.put(tables.readMarks, conversation, newest.key);
}
