/**
 * A peer has frames of a queue of ours that this store never sealed, and it holds up (network/check-ahead.ts;
 * docs/architecture.md, "Feeds, epochs and queues"). For the card another device of the account wrote it, or a later
 * self of this one: what it says is read before anything is written over it. For a feed it means that this store is
 * an old copy: it says nothing more in any of its feeds, and becomes a new device (become-new-device.ts).
 */
import type { Route } from '@mycelium/protocol';
import type { Draft } from '../loop/draft.ts';
import { planWork } from '../loop/agenda.ts';
import { placeKey } from '../store/keys.ts';
import type { AccountRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { requireAccount } from './account-row.ts';

/** The card goes on behind what another device of the account has written. */
export function moveCardOn(draft: Draft, route: Route, next: number): void {
  const queue = draft.get(tables.queues, route);
  if (queue?.kind !== 'card' || next < queue.next) return;
  draft.effect({ kind: 'leave', route });
  draft.deleteRange(tables.frames, placeKey(route, queue.base), placeKey(route, queue.next));
  draft.put(tables.queues, route, { ...queue, base: next, next });
  planWork(draft, 'own-card', draft.nowMs);
}

export function findCopied(draft: Draft): void {
  const account = requireAccount(draft);
  if (!account.cloned) stopAsCopy(draft, account);
}

/** Nothing more goes out of the feeds that this device has. */
function stopFeeds(draft: Draft, account: AccountRow): void {
  draft.put(tables.account, accountRowKey, { ...account, cloned: true });
  for (const { row: queue } of draft.scan(tables.queues)) {
    if (queue.kind === 'own') draft.effect({ kind: 'leave', route: queue.route });
  }
}

/** Another device of the account has revoked this one. */
export function putOut(draft: Draft, account: AccountRow): void {
  stopFeeds(draft, { ...account, putOut: true });
  draft.announce({
    event: 'security',
    kind: 'revoked',
    address: account.address,
    text: 'This device was revoked by another device of the account. It says nothing more; to use the account here, recover it in a new data folder.',
  });
}

export function stopAsCopy(draft: Draft, account: AccountRow): void {
  stopFeeds(draft, account);
  draft.announce({
    event: 'security',
    kind: 'clone',
    address: account.address,
    text: 'This device is an old copy of itself: another one has written since. It becomes a new device now.',
  });
  planWork(draft, 'renew', draft.nowMs);
}
