/** Messages for the person: texts, and kinds that a newer version will show. Exactly once, wherever they stood first. */
import {
  bytesEqual,
  bytesToHex,
  decodeText,
  messageIdOf,
  messageKindName,
  messageKinds,
  type MessageContent,
  type Origin,
} from '@mycelium/protocol';
import type { Draft } from '../../loop/draft.ts';
import { refuseMessage, type TakeKind } from '../incoming.ts';
import { neverCame } from '../lost.ts';
import { peerFeedsOf } from '../peer-feeds.ts';
import { depthAfter, depthAt, newestDepth, putMessage } from '../message-place.ts';
import { placeKey } from '../../store/keys.ts';
import type { MessageRow, PeerFeedRow } from '../../store/rows.ts';
import { tables } from '../../store/tables.ts';

const nsPerMs = 1_000_000n;
/** A clock that is wrong by more than the year 9999 orders nothing. */
const timeMsMax = 253_402_300_799_999;

export const takeShown: TakeKind = (draft, ports, { contact, feed, message, content }) => {
  const { kind, sequence } = message;
  const text = kind === messageKinds.text ? decodeText(content.body) : undefined;
  if (text !== undefined && !text.ok) {
    refuseMessage(draft, feed.address, text.refusal);
    return feed;
  }
  const origin = content.origin ?? { feedId: feed.feedId, sequence };
  const id = messageIdOf(ports.primitives, origin, kind, content.body);
  if (draft.get(tables.messageKeys, id) !== undefined) return feed;
  const late = content.origin !== undefined && neverCame(draft, feed, origin);
  const row: MessageRow = {
    id,
    conversation: feed.conversation,
    from: feed.address,
    own: false,
    kind,
    text: text?.value ?? '',
    body: text === undefined ? content.body : undefined,
    timeMs: Math.min(timeMsMax, Number(message.timeNs / nsPerMs)),
    depth: depthAfter(
      draft,
      contact,
      content.links,
      late ? depthBefore(draft, feed, origin) : depthOfFeed(draft, feed, content),
    ),
    feedId: feed.feedId,
    sequence,
    state: 'received',
    gapBefore: !late && feed.missing > 0,
  };
  const key = putMessage(draft, row, feed.deviceKey);
  const depth = Math.max(feed.depth, row.depth);
  const place = placeKey(feed.feedId, sequence);
  const position = draft.get(tables.positions, place);
  if (position !== undefined) {
    draft.put(tables.positions, place, { ...position, message: key, depth });
    if (late) draft.put(tables.positions, placeOf(origin), { ...position, message: key, depth: row.depth });
  }
  draft.announce({
    event: 'message',
    id: bytesToHex(id),
    conversation: bytesToHex(feed.conversation),
    from: feed.address,
    text: row.text,
    kind: messageKindName(kind) ?? 'unknown',
    sent: row.timeMs,
  });
  return { ...feed, head: { sequence, depth }, depth, missing: late ? Math.max(0, feed.missing - 1) : 0 };
};

function placeOf(origin: Origin): Uint8Array {
  return placeKey(origin.feedId, origin.sequence);
}

/**
 * The first of a later feed, by somebody who names nothing that was said before: they have begun anew, and what they
 * say stands after what we have (spec/messages.md, "Order").
 */
function depthOfFeed(draft: Draft, feed: PeerFeedRow, { links }: MessageContent): number {
  if (feed.head !== undefined || links.length > 0) return feed.depth;
  const isLater = peerFeedsOf(draft, feed.conversation).some((feedId) => !bytesEqual(feedId, feed.feedId));
  return isLater ? Math.max(feed.depth, newestDepth(draft, feed.conversation)) : feed.depth;
}

/** What its writer had said before the place where it stood first, if we have anything of that. */
function depthBefore(draft: Draft, feed: PeerFeedRow, { feedId, sequence }: Origin): number {
  const depth = depthAt(draft, feedId, sequence);
  return depth === 0 && !bytesEqual(feedId, feed.feedId) ? feed.depth : depth;
}
