/**
 * A peer has frames of a queue of ours on disk. A message is *stored* when more than half of its relays have all of
 * it, or a device that reads it (docs/architecture.md): counted here, kept when it changes what a message is called.
 */
import { bytesEqual, bytesToHex, type PeerAddress, type Route } from '@mycelium/protocol';
import type { Draft } from '../loop/draft.ts';
import { mapKey, prefixRange, textKey } from '../store/keys.ts';
import type { ContactRow, OwnFeedRow, QueueRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';

type OwnQueueRow = Extract<QueueRow, { readonly kind: 'own' }>;

export interface Acknowledgement {
  readonly route: Route;
  readonly peer: PeerAddress;
  /** Everything below is on its disk. */
  readonly next: number;
}

export function acknowledge(draft: Draft, { route, peer, next }: Acknowledgement): void {
  const queue = draft.get(tables.queues, route);
  if (queue?.kind !== 'own') return;
  const feed = draft.get(tables.feeds, queue.feedId);
  if (feed?.kind !== 'own') return;
  const name = mapKey(peer.key);
  if (queue.acknowledged[name] === next) return;
  // Less than before: a relay that has lost the queue. What was stored was; what comes is counted anew.
  const acknowledged = { ...queue.acknowledged, [name]: Math.min(next, queue.next) };
  const counted: OwnQueueRow = { ...queue, acknowledged };
  draft.put(tables.queues, route, counted);
  const contact = draft.get(tables.contacts, textKey(feed.address));
  const before = storedBelow(queue, feed, contact);
  const now = storedBelow(counted, feed, contact);
  if (now > before) markStored(draft, feed, route, now);
}

/** Every index below this one is at a quorum of the relays, or at a device of the contact. */
function storedBelow(queue: OwnQueueRow, feed: OwnFeedRow, contact: ContactRow | undefined): number {
  const at = (peer: PeerAddress): number => queue.acknowledged[mapKey(peer.key)] ?? 0;
  const relays = queue.relays.map(at).toSorted((left, right) => right - left);
  const quorum = Math.floor(relays.length / 2) + 1;
  const devices = (contact?.devices ?? [])
    .filter((device) => feed.readers.some(({ deviceKey }) => bytesEqual(deviceKey, device.deviceKey)))
    .flatMap((device) => device.addresses.map(at));
  return Math.max(0, relays[quorum - 1] ?? 0, ...devices);
}

function markStored(draft: Draft, feed: OwnFeedRow, route: Route, below: number): void {
  for (const { key, row } of draft.scan(tables.outgoing, prefixRange(feed.feedId))) {
    if (row.stored || row.lastIndex >= below || !bytesEqual(row.route, route)) continue;
    draft.put(tables.outgoing, key, { ...row, stored: true });
    const message = row.message === undefined ? undefined : draft.get(tables.messages, row.message);
    if (row.message === undefined || message?.state !== 'queued') continue;
    draft.put(tables.messages, row.message, { ...message, state: 'stored' });
    draft.announce({
      event: 'receipt',
      id: bytesToHex(message.id),
      conversation: bytesToHex(message.conversation),
      state: 'stored',
    });
  }
}
