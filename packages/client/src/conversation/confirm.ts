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
const gapsMax = 16;

export function confirmFeed(draft: Draft, ports: StepPorts, feed: PeerFeedRow): void {
  const waiting = feed.sequence - feed.receipted;
  if (waiting <= 0 || (!feed.owesReceipt && waiting < unconfirmedMax)) return;
  const contact = contactOf(draft, feed);
  if (contact?.status !== 'accepted') return;
  const own = ownFeedOf(draft, contact);
  if (own === undefined) return;
  const feedTag = feedTagOf(feed.feedId);
  let said = own;
  for (const { state, to } of confirmations(feed)) {
    const body = encodeReceipt({ state, feeds: [{ feedTag, upTo: to - 1 }] });
    said = say(draft, ports, said, { kind: messageKinds.receipt, body });
  }
  draft.put(tables.feeds, feed.feedId, { ...feed, receipted: feed.sequence, gaps: [], owesReceipt: false });
}

/** What stands before a gap was delivered, the gap was lost, and so on: a receipt for each, in order. */
function confirmations(
  feed: PeerFeedRow,
): readonly { readonly state: 'delivered' | 'lost'; readonly to: number }[] {
  let done = feed.receipted;
  const steps: { state: 'delivered' | 'lost'; to: number }[] = [];
  for (const { from, to } of feed.gaps) {
    if (from > done) steps.push({ state: 'delivered', to: from });
    steps.push({ state: 'lost', to });
    done = to;
  }
  if (feed.sequence > done) steps.push({ state: 'delivered', to: feed.sequence });
  return steps;
}

type Gaps = PeerFeedRow['gaps'];

/** When there are too many the oldest two become one: what lies between is then called lost, never too much delivered. */
export function withGap(gaps: Gaps, gap: Gaps[number]): Gaps {
  const [first, second, ...others] = [...gaps, gap];
  if (first === undefined || second === undefined || gaps.length < gapsMax) return [...gaps, gap];
  return [{ from: first.from, to: second.to }, ...others];
}

/** Whether somebody waits to hear that a message of this kind has arrived. */
export function wantsReceipt(kind: number): boolean {
  return kind !== messageKinds.receipt && kind !== messageKinds.typing;
}
