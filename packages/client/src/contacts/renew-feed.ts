/**
 * A feed of ours that is left for a new one: because this device became a new one, or because a reader lost what it
 * needed to read on, or began anew. Texts that nobody confirmed are said again there, with their origin, so that whoever had them
 * already shows them once.
 */
import { bytesToHex, hexToBytes } from '@mycelium/protocol';
import { requireAccount } from '../account/account-row.ts';
import { confirmAgain } from '../conversation/confirm.ts';
import { dropQueue } from '../conversation/drop-queue.ts';
import { ownQueuesOf } from '../conversation/own-queues.ts';
import { sayAgain, type SayingAgain } from '../conversation/say-again.ts';
import { workDone } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { prefixRange, textKey } from '../store/keys.ts';
import type { ContactRow, QueueRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { beginConversation, tellReachability } from './begin-conversation.ts';
import { ownFeedOf } from './contact-row.ts';
import { tellVouches } from './give-vouch.ts';
import { silentAbout } from './rejoin.ts';

/** `doubted`: texts that are said again although receipts for their places have come. */
export async function renewFeed(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  doubted: readonly SayingAgain[] = [],
): Promise<void> {
  const unconfirmed = contact.ownFeeds
    .flatMap((feedId) => leaveOwnFeed(draft, feedId, (_draft, { route }) => dropQueue(draft, route)))
    .concat(doubted)
    .toSorted((left, right) => left.message.depth - right.message.depth);
  const begun = await beginConversation(draft, ports, contact, '');
  for (const saying of unconfirmed) sayAgain(draft, ports, begun, saying);
  tellReachability(draft, ports, begun);
  tellVouches(draft, ports, begun);
  if (begun.status === 'accepted') confirmAgain(draft, ports, begun);
}

/** `name`: of the work. */
export async function leaveForNewFeed(draft: Draft, ports: StepPorts, name: string): Promise<void> {
  workDone(draft, name);
  const feedId = hexToBytes(name.slice(name.indexOf(':') + 1));
  const feed = feedId === undefined ? undefined : draft.get(tables.feeds, feedId);
  if (feed?.kind !== 'own' || requireAccount(draft).cloned) return;
  const contact = draft.get(tables.contacts, textKey(feed.address));
  if (contact?.status !== 'accepted' || feed.left) return;
  if (ownFeedOf(draft, contact)?.feedId.join() !== feed.feedId.join()) return;
  if (isStillStuck(draft, feed.feedId)) await renewFeed(draft, ports, contact);
}

/** `name`: of the work. A device of theirs came with a new feed and has said nothing of ours. */
export async function welcomeAnew(draft: Draft, ports: StepPorts, name: string): Promise<void> {
  const feed = silentAbout(draft, name);
  workDone(draft, name);
  const contact = feed === undefined ? undefined : draft.get(tables.contacts, textKey(feed.address));
  if (feed === undefined || contact?.status !== 'accepted') return;
  if (ownFeedOf(draft, contact)?.feedId.join() === feed.feedId.join()) await renewFeed(draft, ports, contact);
}

/** The commit may have come on another way since. */
function isStillStuck(draft: Draft, feedId: Uint8Array): boolean {
  return draft.scan(tables.outgoing, prefixRange(feedId)).some(({ row }) => {
    const queue = draft.get(tables.queues, row.route);
    return row.lost && queue?.kind === 'own' && queue.closed && row.lastIndex === queue.next - 1;
  });
}

type OwnQueueRow = Extract<QueueRow, { readonly kind: 'own' }>;

/** Leaves a feed and each of its queues; answers what it had said to the person's contact and nobody confirmed. */
export function leaveOwnFeed(
  draft: Draft,
  feedId: Uint8Array,
  leaveQueue: (draft: Draft, queue: OwnQueueRow) => void,
): readonly SayingAgain[] {
  const feed = draft.get(tables.feeds, feedId);
  if (feed?.kind !== 'own') return [];
  draft.put(tables.feeds, feedId, { ...feed, left: true });
  draft.delete(tables.groups, feedId);
  for (const queue of ownQueuesOf(draft, feedId)) leaveQueue(draft, queue);
  const unconfirmed = new Map<string, SayingAgain>();
  for (const { key, row } of draft.scan(tables.outgoing, prefixRange(feedId))) {
    draft.delete(tables.outgoing, key);
    const message = row.message === undefined ? undefined : draft.get(tables.messages, row.message);
    if (message?.state !== 'queued' && message?.state !== 'stored') continue;
    unconfirmed.set(bytesToHex(message.id), { message, again: row.again });
  }
  return [...unconfirmed.values()];
}
