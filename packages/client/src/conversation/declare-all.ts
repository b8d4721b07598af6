/** On every start: the mail agent hears of all queues as the store has them. */
import { declareCard } from '../account/card.ts';
import { declareIntake } from '../account/create-account.ts';
import { listTokens } from '../contacts/intake-admissions.ts';
import { listContacts } from '../contacts/contact-row.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { declareQueuesOf } from './declare.ts';
import { listOwnQueues } from './own-queues.ts';
import { listPeerFeeds } from './peer-feeds.ts';

export function declareAll(draft: Draft, ports: StepPorts): void {
  const account = draft.get(tables.account, accountRowKey);
  if (account === undefined) return;
  const card = draft.get(tables.queues, account.cardRoute);
  if (card?.kind === 'card') declareCard(draft, card);
  for (const { route, untilMs } of account.formerCards ?? []) {
    const former = draft.get(tables.queues, route);
    if (former?.kind === 'card' && untilMs > draft.nowMs) declareCard(draft, former);
  }
  listTokens(draft);
  declareIntake(draft, account);
  listOwnQueues(draft);
  listContacts(draft);
  listPeerFeeds(draft);
  for (const { row: contact } of draft.scan(tables.contacts)) declareQueuesOf(draft, ports, contact);
}
