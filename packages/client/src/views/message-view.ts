/** Messages as the person sees them. */
import { bytesToHex, hexToBytes, messageKindName } from '@mycelium/protocol';
import type { MessageView } from '../client.ts';
import { findContact } from '../contacts/contact-row.ts';
import type { Rows } from '../loop/rows.ts';
import { prefixRange } from '../store/keys.ts';
import type { MessageRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';

const historyDefault = 100;
const historyMax = 10_000;

const heldNote =
  'Not delivered: more than one account claims this address. It waits for your decision: "mycelium contact show" names the choices.';

export function messageView(row: MessageRow): MessageView {
  return {
    id: bytesToHex(row.id),
    conversation: bytesToHex(row.conversation),
    from: row.from,
    text: row.text,
    kind: messageKindName(row.kind) ?? 'unknown',
    time: row.timeMs,
    state: row.state,
    note: row.state === 'held' ? heldNote : undefined,
    gapBefore: row.gapBefore,
  };
}

export function messageById(rows: Rows, id: string): MessageRow | undefined {
  const bytes = hexToBytes(id);
  const key = bytes === undefined ? undefined : rows.get(tables.messageKeys, bytes);
  return key === undefined ? undefined : rows.get(tables.messages, key);
}

/** Oldest first; the newest `limit` of those before the message `before`. */
export function history(
  rows: Rows,
  wish: { readonly to: string; readonly limit?: number; readonly before?: string },
): readonly MessageView[] {
  const contact = findContact(rows, wish.to);
  const range = prefixRange(contact.conversation);
  const id = wish.before === undefined ? undefined : hexToBytes(wish.before);
  const before = id === undefined ? undefined : rows.get(tables.messageKeys, id);
  const limit = Math.min(historyMax, Math.max(0, wish.limit ?? historyDefault));
  const newest = rows.scan(tables.messages, {
    from: range.from,
    to: before ?? range.to,
    reverse: true,
    limit,
  });
  return newest.map(({ row }) => messageView(row)).toReversed();
}
