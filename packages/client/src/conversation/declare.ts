/** Tells the mail agent of queues, as the store has them: on every start, and when peers have changed. */
import { queueHolders } from '@mycelium/protocol';
import { accountState, ownRelays } from '../account/account-row.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { samePeers } from '../relays/peer-lists.ts';
import type { ContactRow, QueueRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { ownQueuesOf } from './own-queues.ts';
import { followedQueue, ownedQueue } from './queue-peers.ts';

/** All queues of one conversation. Those whose relays were replaced are somewhere else from now on. */
export function declareQueuesOf(draft: Draft, ports: StepPorts, contact: ContactRow): void {
  if (contact.status === 'blocked') return;
  const local = ownRelays(draft, ports);
  const account = draft.get(tables.account, accountRowKey);
  const stopped = account?.cloned === true;
  const former = account === undefined ? [] : accountState(ports.primitives, account).formerRelays;
  for (const queue of stopped ? [] : contact.ownFeeds.flatMap((feedId) => ownQueuesOf(draft, feedId))) {
    const feed = draft.get(tables.feeds, queue.feedId);
    if (feed?.kind !== 'own' || (queue.base === queue.next && queue.closed)) continue;
    const today = [...local, ...contact.relays];
    const { route, relays: announced } = queue;
    const holders = queueHolders(ports.primitives, { route, announced, former, today });
    const placed = placeQueue(draft, queue, holders);
    draft.effect({ kind: 'own', queue: ownedQueue(draft, ports, { queue: placed, feed }, local) });
  }
  for (const { feedId } of contact.devices) {
    const feed = feedId === undefined ? undefined : draft.get(tables.feeds, feedId);
    if (feed?.kind !== 'peer' || feed.ended !== undefined) continue;
    draft.effect({ kind: 'follow', queue: followedQueue(draft, ports, feed, local) });
  }
}

type OwnQueueRow = Extract<QueueRow, { readonly kind: 'own' }>;

function placeQueue(draft: Draft, queue: OwnQueueRow, holders: OwnQueueRow['relays']): OwnQueueRow {
  if (samePeers(holders, queue.holders ?? queue.relays)) return queue;
  const placed = { ...queue, holders };
  draft.put(tables.queues, queue.route, placed);
  return placed;
}
