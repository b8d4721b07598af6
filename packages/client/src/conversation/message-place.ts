/**
 * Where a message stands in its conversation: first after everything that its writer had seen (depth), then by time,
 * then by device key (spec/messages.md, "Order"). The key of its row is that order.
 */
import { bytesEqual, feedTagOf, type CausalLink, type ConversationId } from '@mycelium/protocol';
import { feedIdsOf } from '../contacts/contact-row.ts';
import type { Draft } from '../loop/draft.ts';
import type { Rows } from '../loop/rows.ts';
import { keyOf, mapKey, placeKey, prefixRange } from '../store/keys.ts';
import type { ContactRow, MessageRow, OwnFeedRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';

export function messageKeyOf(message: MessageRow, deviceKey: Uint8Array): Uint8Array {
  const { conversation, depth, timeMs, sequence } = message;
  return keyOf(conversation, depth, Math.max(0, timeMs), deviceKey, sequence);
}

/** Puts the message where it belongs and answers its key. */
export function putMessage(draft: Draft, message: MessageRow, deviceKey: Uint8Array): Uint8Array {
  const key = messageKeyOf(message, deviceKey);
  draft.put(tables.messages, key, message);
  draft.put(tables.messageKeys, message.id, key);
  return key;
}

/** Depth of the newest shown message of a feed at or below a sequence. */
export function depthAt(rows: Rows, feedId: Uint8Array, sequence: number): number {
  // A link names a shown message; only one that we have lost is looked for among those before it.
  const exact = rows.get(tables.positions, placeKey(feedId, sequence));
  if (exact?.message !== undefined) return exact.depth;
  const range = { from: placeKey(feedId, 0), to: placeKey(feedId, sequence + 1), reverse: true, limit: 1 };
  return rows.scan(tables.positions, range)[0]?.row.depth ?? 0;
}

/** Of what is shown last in a conversation; 0: nothing is. */
export function newestDepth(rows: Rows, conversation: ConversationId): number {
  const range = { ...prefixRange(conversation), reverse: true, limit: 1 };
  return rows.scan(tables.messages, range)[0]?.row.depth ?? 0;
}

/** One more than the deepest message that the links name, at least one more than `before`. */
export function depthAfter(
  rows: Rows,
  contact: ContactRow,
  links: readonly CausalLink[],
  before: number,
): number {
  let deepest = before;
  for (const link of links) {
    for (const feedId of feedIdsOf(contact)) {
      if (!bytesEqual(feedTagOf(feedId), link.feedTag)) continue;
      deepest = Math.max(deepest, depthAt(rows, feedId, link.sequence));
    }
  }
  return deepest + 1;
}

/** Links to heads that moved since our last message, the depth that this gives, and what is linked now. */
export function linksOf(
  rows: Rows,
  contact: ContactRow,
  feed: OwnFeedRow,
): { readonly links: readonly CausalLink[]; readonly depth: number; readonly linked: OwnFeedRow['linked'] } {
  const links: CausalLink[] = [];
  const linked: Record<string, number> = { ...feed.linked };
  let deepest = feed.depth;
  for (const { feedId } of contact.devices) {
    const other = feedId === undefined ? undefined : rows.get(tables.feeds, feedId);
    if (other?.kind !== 'peer' || other.head === undefined) continue;
    deepest = Math.max(deepest, other.head.depth);
    const name = mapKey(other.feedId);
    if (linked[name] === other.head.sequence) continue;
    linked[name] = other.head.sequence;
    links.push({ feedTag: feedTagOf(other.feedId), sequence: other.head.sequence });
  }
  return { links, depth: deepest + 1, linked };
}
