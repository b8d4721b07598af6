/** The end of a queue of ours, now or once its relays have been told to forget it. */
import { bytesToHex } from '@mycelium/protocol';
import { planWork } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import { placeKey } from '../store/keys.ts';
import type { QueueRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { deleteOwnQueue } from './own-queues.ts';

/** Relays are told to trim first; then nothing is left to do with the queue. */
const leaveAfterMs = 600_000;

/** A queue of ours and its frames are forgotten here; relays forget by themselves. */
export function dropQueue(draft: Draft, route: Uint8Array): void {
  const queue = draft.get(tables.queues, route);
  if (queue?.kind !== 'own') return;
  draft.deleteRange(tables.frames, placeKey(route, queue.base), placeKey(route, queue.next));
  deleteOwnQueue(draft, queue);
  draft.effect({ kind: 'leave', route: queue.route });
}

/** What nobody has read is pulled back: forgotten here, and at every relay that can be told. */
export function pullBackQueue(draft: Draft, queue: Extract<QueueRow, { readonly kind: 'own' }>): void {
  const { route, base, next } = queue;
  draft.deleteRange(tables.frames, placeKey(route, base), placeKey(route, next));
  draft.put(tables.queues, route, { ...queue, base: next, closed: true });
  draft.effect({ kind: 'trim', route, upTo: next });
  planLeaving(draft, route);
}

export function planLeaving(draft: Draft, route: Uint8Array): void {
  planWork(draft, `leave:${bytesToHex(route)}`, draft.nowMs + leaveAfterMs);
}
