/**
 * Receipts for what we have of a feed (spec/messages.md, "Receipt"): cumulative, one for all that came together, and
 * sealed in the step that stored it. Strangers get none. A receipt asks for none; but so that the other side can
 * forget its receipts too, a run of them is confirmed now and then.
 */
import { bytesEqual, encodeReceipt, feedTagOf, messageKinds, type ReceiptFeed } from '@mycelium/protocol';
import { ownFeedOf } from '../contacts/contact-row.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import type { ContactRow, PeerFeedRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { contactOf } from './incoming.ts';
import { say } from './own-feed.ts';

const unconfirmedMax = 64;

export function confirmFeed(draft: Draft, ports: StepPorts, feed: PeerFeedRow): void {
  if (feed.sequence === 0 && feed.lostTo === undefined) return;
  if (!feed.owesReceipt && feed.sequence - feed.receipted < unconfirmedMax) return;
  const contact = contactOf(draft, feed);
  if (contact?.status !== 'accepted') return;
  const own = ownFeedOf(draft, contact);
  if (own === undefined) return;
  const body = encodeReceipt({ state: 'delivered', feeds: [receiptOf(feed)] });
  const named = { feedId: own.feedId, sequence: own.writer.sequence };
  say(draft, ports, own, { kind: messageKinds.receipt, body });
  const losses = feed.losses.map((loss) =>
    loss.named !== undefined && bytesEqual(loss.named.feedId, own.feedId) ? loss : { ...loss, named },
  );
  draft.put(tables.feeds, feed.feedId, {
    ...feed,
    receipted: feed.sequence,
    owesReceipt: false,
    losses,
  });
}

/** Of a feed whose very first frames are gone, message 0 is what is known to be lost. */
function receiptOf({ feedId, sequence, timeNs, losses, reader, lostTo }: PeerFeedRow): ReceiptFeed {
  const skipped = lostTo === undefined ? undefined : { route: reader.route, below: lostTo };
  const feedTag = feedTagOf(feedId);
  if (sequence === 0) return { feedTag, upTo: 0, timeNs: 0n, lost: [{ first: 0, last: 0 }], skipped };
  return { feedTag, upTo: sequence - 1, timeNs, lost: losses, skipped };
}

/** What we confirmed before may not have come, or stands in a feed that we left. */
export function confirmAgain(draft: Draft, ports: StepPorts, contact: ContactRow): void {
  for (const { feedId } of contact.devices) {
    const feed = feedId === undefined ? undefined : draft.get(tables.feeds, feedId);
    if (feed?.kind !== 'peer' || feed.ended !== undefined || feed.sequence === 0) continue;
    confirmFeed(draft, ports, { ...feed, owesReceipt: true });
  }
}

/** Whether somebody waits to hear that a message of this kind has arrived. */
export function wantsReceipt(kind: number): boolean {
  return kind !== messageKinds.receipt && kind !== messageKinds.typing;
}
