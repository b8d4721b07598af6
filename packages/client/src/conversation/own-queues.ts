/**
 * Queues of our own by feed: a feed has one for each epoch that a reader has not confirmed yet, and a conversation must
 * not be looked for among the queues of all others.
 */
import { bytesEqual, concatBytes, type FeedId } from '@mycelium/protocol';
import type { Draft } from '../loop/draft.ts';
import type { Rows } from '../loop/rows.ts';
import { prefixRange } from '../store/keys.ts';
import type { QueueRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';

type OwnQueueRow = Extract<QueueRow, { readonly kind: 'own' }>;

export function putOwnQueue(draft: Draft, queue: OwnQueueRow): void {
  draft.put(tables.queues, queue.route, queue);
  draft.put(tables.queuesOfFeeds, concatBytes(queue.feedId, queue.route), queue.route);
}

export function deleteOwnQueue(draft: Draft, queue: OwnQueueRow): void {
  draft.delete(tables.queues, queue.route);
  draft.delete(tables.queuesOfFeeds, concatBytes(queue.feedId, queue.route));
}

export function ownQueuesOf(rows: Rows, feedId: FeedId | Uint8Array): readonly OwnQueueRow[] {
  return rows.scan(tables.queuesOfFeeds, prefixRange(feedId)).flatMap(({ row: route }) => {
    const queue = rows.get(tables.queues, route);
    return queue?.kind === 'own' && bytesEqual(queue.feedId, feedId) ? [queue] : [];
  });
}

/** Stores had no such list at first. On every start, and then once. */
export function listOwnQueues(draft: Draft): void {
  if (draft.scan(tables.queuesOfFeeds, { limit: 1 }).length > 0) return;
  for (const { row: queue } of draft.scan(tables.queues)) if (queue.kind === 'own') putOwnQueue(draft, queue);
}
