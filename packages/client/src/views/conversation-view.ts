/** Conversations as a list of them shows each: what was said last, and how much of it is not read. */
import { bytesToHex, type ConversationId } from '@mycelium/protocol';
import type { ConversationView } from '../client.ts';
import type { Rows } from '../loop/rows.ts';
import { prefixRange } from '../store/keys.ts';
import type { ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { messageView } from './message-view.ts';

/** More than this nobody counts. */
const unreadMax = 1_000;

/** The one with the newest message first; requests and the blocked are none. */
export function conversations(rows: Rows): readonly ConversationView[] {
  return rows
    .scan(tables.contacts)
    .filter(({ row }) => row.status === 'accepted' || row.status === 'pending')
    .map(({ row }) => conversationView(rows, row))
    .toSorted((left, right) => (right.last?.time ?? 0) - (left.last?.time ?? 0));
}

function conversationView(rows: Rows, { conversation, address }: ContactRow): ConversationView {
  const newest = rows.scan(tables.messages, { ...prefixRange(conversation), reverse: true, limit: 1 })[0];
  return {
    conversation: bytesToHex(conversation),
    address,
    last: newest === undefined ? undefined : messageView(newest.row),
    unread: unreadOf(rows, conversation),
  };
}

function unreadOf(rows: Rows, conversation: ConversationId): number {
  const range = prefixRange(conversation);
  const read = rows.get(tables.readMarks, conversation);
  // Its own key is not behind it.
  const from = read === undefined ? range.from : new Uint8Array([...read, 0]);
  const behind = rows.scan(tables.messages, { from, to: range.to, limit: unreadMax });
  return behind.filter(({ row }) => !row.own).length;
}
