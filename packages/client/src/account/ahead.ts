/**
 * A peer has more of a queue of ours than this store ever sealed (docs/architecture.md, "Feeds, epochs and queues").
 * For the card that is another device of the account that wrote it, and this one writes behind. For a feed it means
 * that this store is an old copy: it stops at once, and becomes a new device (renew-device.ts).
 */
import type { PeerAddress, Route } from '@mycelium/protocol';
import type { Draft } from '../loop/draft.ts';
import { planWork } from '../loop/agenda.ts';
import type { StepPorts } from '../ports.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { requireAccount } from './account-row.ts';
import { putCard } from './card.ts';

export interface Ahead {
  readonly route: Route;
  readonly peer: PeerAddress;
  readonly next: number;
}

export function takeAhead(draft: Draft, ports: StepPorts, { route, next }: Ahead): void {
  const queue = draft.get(tables.queues, route);
  const account = requireAccount(draft);
  if (queue?.kind === 'card') {
    if (next <= queue.next) return;
    draft.put(tables.queues, route, { ...queue, next });
    putCard(draft, ports, account);
    return;
  }
  if (queue?.kind !== 'own' || next <= queue.next || account.cloned) return;
  draft.put(tables.account, accountRowKey, { ...account, cloned: true });
  draft.announce({
    event: 'security',
    kind: 'clone',
    address: account.address,
    text: 'This device is an old copy of itself: another one has written since. It becomes a new device now.',
  });
  planWork(draft, 'renew', draft.nowMs);
}
