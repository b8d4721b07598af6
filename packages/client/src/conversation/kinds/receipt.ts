/** A receipt: what a device of the contact has on disk of feeds of ours. States go forward only, and never early. */
import { bytesEqual, bytesToHex, decodeReceipt, feedTagOf, refuse, type Receipt } from '@mycelium/protocol';
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
    confirm(draft, own, feed, { state: receipt.value.state, below: upTo + 1 });
  }
  return feed;
};

function taggedFeed(draft: Draft, contact: ContactRow, feedTag: Uint8Array): OwnFeedRow | undefined {
  const feedId = contact.ownFeeds.find((id) => bytesEqual(feedTagOf(id), feedTag));
  const feed = feedId === undefined ? undefined : draft.get(tables.feeds, feedId);
  return feed?.kind === 'own' ? feed : undefined;
}

interface Confirmed {
  readonly state: Receipt['state'];
  readonly below: number;
}

function confirm(draft: Draft, own: OwnFeedRow, feed: PeerFeedRow, { state, below }: Confirmed): void {
  const confirmed = below;
  const reader = own.readers.find(({ deviceKey }) => bytesEqual(deviceKey, feed.deviceKey));
  if (reader === undefined || reader.confirmed >= confirmed) return;
  const range = { from: placeKey(own.feedId, reader.confirmed), to: placeKey(own.feedId, confirmed) };
  for (const { row } of draft.scan(tables.outgoing, range)) {
    if (row.message !== undefined) settle(draft, row.message, state === 'lost' ? 'failed' : 'delivered');
  }
  const readers = own.readers.map((other) => (other === reader ? { ...reader, confirmed } : other));
  const next = { ...own, readers };
  draft.put(tables.feeds, own.feedId, next);
  trimConfirmed(draft, next);
}

/** One device of theirs having it is what "delivered" says, whatever others lost. */
function settle(draft: Draft, key: Uint8Array, state: 'delivered' | 'failed'): void {
  const message = draft.get(tables.messages, key);
  const open = message?.state === 'queued' || message?.state === 'stored';
  if (message === undefined || !(open || (state === 'delivered' && message.state === 'failed'))) return;
  draft.put(tables.messages, key, { ...message, state });
  draft.announce({
    event: 'receipt',
    id: bytesToHex(message.id),
    conversation: bytesToHex(message.conversation),
    state,
  });
}
