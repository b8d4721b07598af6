/**
 * Receipts for what we have of a feed (spec/messages.md, "Receipt"): cumulative, one for all that came together, and
 * sealed in the step that stored it. Strangers get none. A receipt asks for none; but so that the other side can
 * forget its receipts too, a run of them is confirmed now and then.
 */
import { encodeReceipt, feedTagOf, messageKinds } from '@mycelium/protocol';
import { ownFeedOf } from '../contacts/contact-row.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import type { PeerFeedRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { contactOf } from './incoming.ts';
import { say } from './own-feed.ts';

const unconfirmedMax = 64;

export function confirmFeed(draft: Draft, ports: StepPorts, feed: PeerFeedRow): void {
  const waiting = feed.sequence - feed.receipted;
  if (waiting <= 0 || (!feed.owesReceipt && waiting < unconfirmedMax)) return;
  const contact = contactOf(draft, feed);
  if (contact?.status !== 'accepted') return;
  const own = ownFeedOf(draft, contact);
  if (own === undefined) return;
  const feeds = [{ feedTag: feedTagOf(feed.feedId), upTo: feed.sequence - 1 }];
  say(draft, ports, own, { kind: messageKinds.receipt, body: encodeReceipt({ state: 'delivered', feeds }) });
  draft.put(tables.feeds, feed.feedId, { ...feed, receipted: feed.sequence, owesReceipt: false });
}

/** Whether somebody waits to hear that a message of this kind has arrived. */
export function wantsReceipt(kind: number): boolean {
  return kind !== messageKinds.receipt && kind !== messageKinds.typing;
}
