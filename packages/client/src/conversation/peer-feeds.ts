/**
 * Feeds that are followed, or were, by conversation: what somebody said in an earlier feed must not be looked for among
 * the feeds of everybody.
 */
import { concatBytes, type ConversationId, type FeedId } from '@mycelium/protocol';
import type { Draft } from '../loop/draft.ts';
import type { Rows } from '../loop/rows.ts';
import { prefixRange } from '../store/keys.ts';
import type { PeerFeedRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';

export function putPeerFeed(draft: Draft, feed: PeerFeedRow): void {
  draft.put(tables.feeds, feed.feedId, feed);
  draft.put(tables.feedsOfConversations, concatBytes(feed.conversation, feed.feedId), feed.feedId);
}

export function peerFeedsOf(rows: Rows, conversation: ConversationId): readonly FeedId[] {
  return rows.scan(tables.feedsOfConversations, prefixRange(conversation)).map(({ row }) => row as FeedId);
}

/** Stores had no such list at first. On every start, and then once. */
export function listPeerFeeds(draft: Draft): void {
  if (draft.scan(tables.feedsOfConversations, { limit: 1 }).length > 0) return;
  for (const { row: feed } of draft.scan(tables.feeds)) if (feed.kind === 'peer') putPeerFeed(draft, feed);
}
