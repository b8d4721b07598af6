/**
 * Keys of frames that were left out live a week (spec/feeds.md, "Reading"), in a feed that nobody speaks in, too: they
 * are looked through every hour, whether or not a frame comes.
 */
import { expireSkippedKeys } from '@mycelium/protocol';
import { planWork } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import { tables } from '../store/tables.ts';

const everyMs = 3_600_000;

/** Work called `forget-keys`; goes on for ever once it is planned. */
export function forgetKeys(draft: Draft): void {
  planWork(draft, 'forget-keys', draft.nowMs + everyMs);
  for (const { key, row: feed } of draft.scan(tables.feeds)) {
    if (feed.kind !== 'peer') continue;
    const { reader, retired } = expireSkippedKeys(feed.reader, draft.nowMs);
    if (reader === feed.reader) continue;
    draft.put(tables.feeds, key, { ...feed, reader });
    draft.retire(...retired);
  }
}
