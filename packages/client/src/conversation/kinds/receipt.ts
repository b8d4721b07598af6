/** A receipt: what a device of the contact has on disk of feeds of ours. States go forward only, and never early. */
import { bytesEqual, bytesToHex, decodeReceipt, feedTagOf, refuse } from '@mycelium/protocol';
import { receiptCame } from '../../contacts/rejoin.ts';
import type { Draft } from '../../loop/draft.ts';
import type { StepPorts } from '../../ports.ts';
import { placeKey } from '../../store/keys.ts';
import type { ContactRow, OwnFeedRow, PeerFeedRow } from '../../store/rows.ts';
import { tables } from '../../store/tables.ts';
import { refuseMessage, type TakeKind } from '../incoming.ts';
import { confirmAgain } from '../confirm.ts';
import { settleLosses } from '../lost.ts';
import { sayLostAgain } from '../say-again.ts';
import { trimConfirmed } from '../trim.ts';

export const takeReceipt: TakeKind = (draft, ports, { contact, feed, content }) => {
  const receipt = decodeReceipt(content.body);
  if (!receipt.ok) {
    refuseMessage(draft, feed.address, receipt.refusal);
    return feed;
  }
  let heard = feed;
  for (const confirmed of receipt.value.feeds) {
    const own = taggedFeed(draft, contact, confirmed.feedTag);
    if (own === undefined || !isReader(own, feed)) continue;
    if (confirmed.upTo >= own.writer.sequence) {
      const forged = refuse('range', 'receipt.up-to', 'is a message that was sent');
      refuseMessage(draft, feed.address, forged.refusal);
      continue;
    }
    receiptCame(draft, own.feedId, feed.deviceKey);
    heard = settleLosses(heard, own.feedId, confirmed);
    if (sayLostAgain(draft, ports, contact, { own, receipt: confirmed })) {
      // Receipts of ours may be among what is lost.
      heard = { ...heard, owesReceipt: true };
      confirmOthers(draft, ports, contact, heard);
    }
    confirm(draft, taggedFeed(draft, contact, confirmed.feedTag) ?? own, feed, confirmed.upTo + 1);
  }
  return heard;
};

function isReader(own: OwnFeedRow, feed: PeerFeedRow): boolean {
  return own.readers.some(({ deviceKey }) => bytesEqual(deviceKey, feed.deviceKey));
}

/** Feeds of the contact's other devices: this one is confirmed when all that came with this receipt is read. */
function confirmOthers(draft: Draft, ports: StepPorts, contact: ContactRow, feed: PeerFeedRow): void {
  const devices = contact.devices.filter(({ deviceKey }) => !bytesEqual(deviceKey, feed.deviceKey));
  confirmAgain(draft, ports, { ...contact, devices });
}

function taggedFeed(draft: Draft, contact: ContactRow, feedTag: Uint8Array): OwnFeedRow | undefined {
  const feedId = contact.ownFeeds.find((id) => bytesEqual(feedTagOf(id), feedTag));
  const feed = feedId === undefined ? undefined : draft.get(tables.feeds, feedId);
  return feed?.kind === 'own' ? feed : undefined;
}

/** What is lost has left its place by now: it was said again in another one. */
function confirm(draft: Draft, own: OwnFeedRow, feed: PeerFeedRow, confirmed: number): void {
  const reader = own.readers.find(({ deviceKey }) => bytesEqual(deviceKey, feed.deviceKey));
  if (reader === undefined || reader.confirmed >= confirmed) return;
  const range = { from: placeKey(own.feedId, reader.confirmed), to: placeKey(own.feedId, confirmed) };
  for (const { row } of draft.scan(tables.outgoing, range)) {
    if (row.message !== undefined) deliver(draft, row.message);
  }
  const readers = own.readers.map((other) => (other === reader ? { ...reader, confirmed } : other));
  const next = { ...own, readers };
  draft.put(tables.feeds, own.feedId, next);
  trimConfirmed(draft, next);
}

/** One device of theirs having it is what "delivered" says, whatever others lost. */
function deliver(draft: Draft, key: Uint8Array): void {
  const message = draft.get(tables.messages, key);
  if (message === undefined || !['queued', 'stored', 'failed'].includes(message.state)) return;
  draft.put(tables.messages, key, { ...message, state: 'delivered' });
  draft.announce({
    event: 'receipt',
    id: bytesToHex(message.id),
    conversation: bytesToHex(message.conversation),
    state: 'delivered',
  });
}
