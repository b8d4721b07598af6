/** A receipt: what a device of the contact has on disk of feeds of ours. States go forward only, and never early. */
import { bytesEqual, bytesToHex, decodeReceipt, feedTagOf, refuse } from '@mycelium/protocol';
import type { Draft } from '../../loop/draft.ts';
import { placeKey } from '../../store/keys.ts';
import type { ContactRow, OwnFeedRow, PeerFeedRow } from '../../store/rows.ts';
import { tables } from '../../store/tables.ts';
import { refuseMessage, type TakeKind } from '../incoming.ts';
import { trimConfirmed } from '../trim.ts';

export const takeReceipt: TakeKind = (draft, _ports, { contact, feed, content }) => {
  const receipt = decodeReceipt(content.body);
  if (!receipt.ok) {
    refuseMessage(draft, feed.address, receipt.refusal);
    return feed;
  }
  for (const { feedTag, upTo } of receipt.value.feeds) {
    const own = taggedFeed(draft, contact, feedTag);
    if (own === undefined) continue;
    if (upTo >= own.writer.sequence) {
      const forged = refuse('range', 'receipt.up-to', 'is a message that was sent');
      refuseMessage(draft, feed.address, forged.refusal);
      continue;
    }
    confirm(draft, own, feed, upTo + 1);
  }
  return feed;
};

function taggedFeed(draft: Draft, contact: ContactRow, feedTag: Uint8Array): OwnFeedRow | undefined {
  const feedId = contact.ownFeeds.find((id) => bytesEqual(feedTagOf(id), feedTag));
  const feed = feedId === undefined ? undefined : draft.get(tables.feeds, feedId);
  return feed?.kind === 'own' ? feed : undefined;
}

function confirm(draft: Draft, own: OwnFeedRow, feed: PeerFeedRow, confirmed: number): void {
  const reader = own.readers.find(({ deviceKey }) => bytesEqual(deviceKey, feed.deviceKey));
  if (reader === undefined || reader.confirmed >= confirmed) return;
  deliver(draft, own, reader.confirmed, confirmed);
  const readers = own.readers.map((other) => (other === reader ? { ...reader, confirmed } : other));
  const next = { ...own, readers };
  draft.put(tables.feeds, own.feedId, next);
  trimConfirmed(draft, next);
}

/** One device of theirs having it is what "delivered" says. */
function deliver(draft: Draft, own: OwnFeedRow, from: number, to: number): void {
  const range = { from: placeKey(own.feedId, from), to: placeKey(own.feedId, to) };
  for (const { row } of draft.scan(tables.outgoing, range)) {
    const message = row.message === undefined ? undefined : draft.get(tables.messages, row.message);
    if (row.message === undefined || message === undefined) continue;
    if (message.state !== 'queued' && message.state !== 'stored') continue;
    draft.put(tables.messages, row.message, { ...message, state: 'delivered' });
    draft.announce({
      event: 'receipt',
      id: bytesToHex(message.id),
      conversation: bytesToHex(message.conversation),
      state: 'delivered',
    });
  }
}
