/**
 * A device of a contact comes with a new feed although it reads ours: it may still do so, or it has begun anew and lost
 * what it needs (spec/messages.md, "Introduction"). A device that reads on says so with a receipt in its new feed;
 * one that is silent gets a new feed from us, which welcomes it again (renew-feed.ts).
 */
import { bytesEqual, bytesToHex, hexToBytes, type DeviceKey, type FeedId } from '@mycelium/protocol';
import { planWork, workDone } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import { textKey } from '../store/keys.ts';
import type { OwnFeedRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';

/** What a new feed begins with comes right behind its introduction. */
const silentMs = 3_000;
/** Introductions one after the other do not make us begin feed after feed. */
const confirmedFeedMs = 10_000;
/** Our introduction may still be on its way, or the device has been switched off since it sent its own. */
const unconfirmedFeedMs = 600_000;

/** `feed` is ours, `deviceKey` one of its readers, who has just been joined in a new feed. */
export function awaitReceipt(draft: Draft, feed: OwnFeedRow, deviceKey: DeviceKey): void {
  const name = nameOf(feed.feedId, deviceKey);
  if (draft.get(tables.agenda, textKey(name)) !== undefined) return;
  const reader = feed.readers.find((one) => bytesEqual(one.deviceKey, deviceKey));
  const agesMs = (reader?.confirmed ?? 0) > 0 ? confirmedFeedMs : unconfirmedFeedMs;
  planWork(draft, name, Math.max(draft.nowMs + silentMs, feed.epochSinceMs + agesMs));
}

/** A receipt for our feed has come from the device: it reads it. */
export function receiptCame(draft: Draft, feedId: FeedId, deviceKey: DeviceKey): void {
  const name = nameOf(feedId, deviceKey);
  if (draft.get(tables.agenda, textKey(name)) !== undefined) workDone(draft, name);
}

function nameOf(feedId: FeedId, deviceKey: DeviceKey): string {
  return `rejoin:${bytesToHex(feedId)}${bytesToHex(deviceKey)}`;
}

/** `name`: of the work. The feed of ours that its device is silent about. */
export function silentAbout(draft: Draft, name: string): OwnFeedRow | undefined {
  const key = hexToBytes(name.slice(name.indexOf(':') + 1));
  const feed = key === undefined ? undefined : draft.get(tables.feeds, key.subarray(0, 32));
  const deviceKey = key?.subarray(32);
  if (feed?.kind !== 'own' || feed.left || deviceKey === undefined) return undefined;
  return feed.readers.some((reader) => bytesEqual(reader.deviceKey, deviceKey)) ? feed : undefined;
}
