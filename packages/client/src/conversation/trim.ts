/** What every reader has confirmed is forgotten: here, and at the relays (spec/mail.md, "Trim"). */
import type { Draft } from '../loop/draft.ts';
import { mapKey, placeKey } from '../store/keys.ts';
import type { OwnFeedRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { planLeaving } from './drop-queue.ts';

export function trimConfirmed(draft: Draft, feed: OwnFeedRow): void {
  const confirmed = Math.min(...feed.readers.map((reader) => reader.confirmed));
  if (!Number.isFinite(confirmed)) return;
  const upToByRoute = new Map<string, { route: Uint8Array; upTo: number }>();
  const trimmed = feed.trimmed ?? 0;
  if (confirmed <= trimmed) return;
  const range = { from: placeKey(feed.feedId, trimmed), to: placeKey(feed.feedId, confirmed) };
  for (const { key, row } of draft.scan(tables.outgoing, range)) {
    upToByRoute.set(mapKey(row.route), { route: row.route, upTo: row.lastIndex + 1 });
    draft.delete(tables.outgoing, key);
  }
  draft.put(tables.feeds, feed.feedId, { ...feed, trimmed: confirmed });
  for (const { route, upTo } of upToByRoute.values()) trimQueue(draft, route, upTo);
}

function trimQueue(draft: Draft, route: Uint8Array, upTo: number): void {
  const queue = draft.get(tables.queues, route);
  if (queue?.kind !== 'own' || queue.base >= upTo) return;
  draft.deleteRange(tables.frames, placeKey(route, queue.base), placeKey(route, upTo));
  draft.put(tables.queues, route, { ...queue, base: upTo });
  draft.effect({ kind: 'trim', route: queue.route, upTo });
  if (queue.closed && upTo === queue.next) planLeaving(draft, route);
}
