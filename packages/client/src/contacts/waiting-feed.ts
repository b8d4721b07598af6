/**
 * A device that has come into a feed anew while it still reads an earlier epoch of it: first everything there is read,
 * up to the commit that shuts its old leaf out, then it goes on in the new place. It does not wait for ever.
 */
import {
  bytesToHex,
  concatBytes,
  decodeIntroduction,
  hexToBytes,
  type DeviceKey,
  type FeedId,
} from '@mycelium/protocol';
import { planWork, workDone } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { prefixRange, textKey } from '../store/keys.ts';
import type { PeerFeedRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { joinFeed } from './join-feed.ts';

const waitMs = 60_000;

export interface WaitingFeed {
  readonly feedId: FeedId;
  readonly deviceKey: DeviceKey;
  readonly introduction: Uint8Array;
}

/** Kept until the earlier epoch is read to its end. */
export function keepWaiting(draft: Draft, waiting: WaitingFeed): void {
  draft.put(tables.requests, concatBytes(waiting.feedId, waiting.deviceKey), waiting.introduction);
  planWork(draft, `join:${bytesToHex(waiting.feedId)}`, draft.nowMs + waitMs);
}

/** The earlier epoch is read, or nothing more comes of it. */
export function wakeWaiting(draft: Draft, feed: PeerFeedRow): void {
  if (draft.scan(tables.requests, prefixRange(feed.feedId)).length === 0) return;
  planWork(draft, `join:${bytesToHex(feed.feedId)}`, draft.nowMs);
}

/** `name`: of the work. */
export async function joinWaiting(draft: Draft, ports: StepPorts, name: string): Promise<void> {
  workDone(draft, name);
  const feedId = hexToBytes(name.slice(name.indexOf(':') + 1));
  const feed = feedId === undefined ? undefined : draft.get(tables.feeds, feedId);
  if (feedId === undefined || feed?.kind !== 'peer') return;
  for (const { key, row } of draft.scan(tables.requests, prefixRange(feedId))) {
    draft.delete(tables.requests, key);
    const introduction = decodeIntroduction(row);
    const contact = draft.get(tables.contacts, textKey(feed.address));
    if (!introduction.ok || contact === undefined) continue;
    const deviceKey = key.slice(32) as DeviceKey;
    await joinFeed(draft, ports, contact, { introduction: introduction.value, deviceKey });
  }
}
