/** Tells the mail agent of queues, as the store has them: on every start, and when peers have changed. */
import type { PeerAddress } from '@mycelium/protocol';
import type { Draft } from '../loop/draft.ts';
import type { ContactRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { followedQueue, ownedQueue } from './queue-peers.ts';

/** All queues of one conversation. */
export function declareQueuesOf(draft: Draft, contact: ContactRow, local: readonly PeerAddress[]): void {
  if (contact.status === 'blocked') return;
  const stopped = draft.get(tables.account, accountRowKey)?.cloned === true;
  const ours = new Set(contact.ownFeeds.map((feedId) => feedId.join()));
  for (const { row: queue } of draft.scan(tables.queues)) {
    if (stopped || queue.kind !== 'own' || !ours.has(queue.feedId.join())) continue;
    const feed = draft.get(tables.feeds, queue.feedId);
    if (feed?.kind !== 'own' || (queue.base === queue.next && queue.closed)) continue;
    draft.effect({ kind: 'own', queue: ownedQueue(draft, queue, feed, local) });
  }
  for (const { feedId } of contact.devices) {
    const feed = feedId === undefined ? undefined : draft.get(tables.feeds, feedId);
    if (feed?.kind !== 'peer' || feed.ended !== undefined) continue;
    draft.effect({ kind: 'follow', queue: followedQueue(draft, feed, local) });
  }
}
