/** A receipt: what a device of the contact has on disk of feeds of ours. States go forward only, and never early. */
import {
  bytesEqual,
  bytesToHex,
  decodeReceipt,
  feedTagOf,
  refuse,
  type ReceiptFeed,
  type Refusal,
} from '@mycelium/protocol';
import { findCopied } from '../../account/ahead.ts';
import { receiptCame } from '../../contacts/rejoin.ts';
import type { Draft } from '../../loop/draft.ts';
import type { StepPorts } from '../../ports.ts';
import { placeKey } from '../../store/keys.ts';
import type { ContactRow, FeedReaderDevice, OwnFeedRow, PeerFeedRow } from '../../store/rows.ts';
import { tables } from '../../store/tables.ts';
import { refuseMessage, type TakeKind } from '../incoming.ts';
import { confirmAgain } from '../confirm.ts';
import { isWithin, settleLosses } from '../lost.ts';
import { isMarked } from '../own-mark.ts';
import { sayLostAgain } from '../say-again.ts';
import { trimConfirmed } from '../trim.ts';

/** A mark has a million values. */
const doubtEveryMs = 60_000;

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
    const fault = faultOf(draft, own, feed, confirmed);
    if (fault !== undefined) {
      if (isOfOtherSelf(draft, ports, own, { feed, confirmed })) {
        findCopied(draft);
        return heard;
      }
      refuseMessage(draft, feed.address, fault);
      continue;
    }
    receiptCame(draft, own.feedId, feed.deviceKey);
    heard = settleLosses(heard, own.feedId, confirmed);
    if (sayLostAgain(draft, ports, contact, { own, receipt: confirmed })) {
      // Receipts of ours may be among what is lost.
      heard = { ...heard, owesReceipt: true };
      confirmOthers(draft, ports, contact, heard);
    }
    if (saysNothingCame(confirmed)) continue;
    confirm(draft, taggedFeed(draft, contact, confirmed.feedTag) ?? own, feed, confirmed.upTo + 1);
  }
  return heard;
};

/** Of a feed that was joined in the middle, before a message of it came. */
function saysNothingCame({ upTo, timeNs, lost }: ReceiptFeed): boolean {
  return timeNs === 0n && !isWithin(lost, upTo);
}

/** Why it is not a receipt for what we said. */
function faultOf(
  draft: Draft,
  own: OwnFeedRow,
  feed: PeerFeedRow,
  confirmed: ReceiptFeed,
): Refusal | undefined {
  const { upTo, timeNs, lost } = confirmed;
  if (upTo >= own.writer.sequence)
    return refuse('range', 'receipt.up-to', 'is a message that was sent').refusal;
  const known = (readerOf(own, feed)?.confirmed ?? 0) > upTo;
  if (known || isWithin(lost, upTo) || saysNothingCame(confirmed)) return undefined;
  const said = draft.get(tables.outgoing, placeKey(own.feedId, upTo));
  if (said === undefined || said.timeNs === timeNs) return undefined;
  return refuse('other', 'receipt.time', 'is that of the message which was sent in this place').refusal;
}

/**
 * Another self of this device wrote in this place, for only this device makes the mark on its time: this store is an old
 * copy. Who guesses marks has one try a minute.
 */
function isOfOtherSelf(
  draft: Draft,
  ports: StepPorts,
  own: OwnFeedRow,
  { feed, confirmed }: { readonly feed: PeerFeedRow; readonly confirmed: ReceiptFeed },
): boolean {
  const reader = readerOf(own, feed);
  if (reader === undefined || draft.nowMs - reader.doubtedMs < doubtEveryMs) return false;
  const readers = own.readers.map((one) => (one === reader ? { ...one, doubtedMs: draft.nowMs } : one));
  draft.put(tables.feeds, own.feedId, { ...own, readers });
  const { upTo: sequence, timeNs } = confirmed;
  const said = draft.get(tables.outgoing, placeKey(own.feedId, sequence));
  return [said?.route, own.writer.route].some((route) => {
    const queue = route === undefined ? undefined : draft.get(tables.queues, route);
    return queue?.kind === 'own' && isMarked(ports.primitives, { ...queue, sequence }, timeNs);
  });
}

function readerOf(own: OwnFeedRow, feed: PeerFeedRow): FeedReaderDevice | undefined {
  return own.readers.find(({ deviceKey }) => bytesEqual(deviceKey, feed.deviceKey));
}

function isReader(own: OwnFeedRow, feed: PeerFeedRow): boolean {
  return readerOf(own, feed) !== undefined;
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
  const reader = readerOf(own, feed);
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
