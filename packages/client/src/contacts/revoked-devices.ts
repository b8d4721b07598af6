/**
 * Devices of a contact that its account has revoked, or whose time is over. Nothing is said to them from the next message on; what they said
 * before is still read for a minute, since relays may hold it, and nothing after that.
 */
import { bytesEqual, bytesToHex, hexToBytes } from '@mycelium/protocol';
import { planWork, workDone } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { textKey } from '../store/keys.ts';
import type { ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { contactState, putContact } from './contact-row.ts';
import { leaveFeed } from './join-feed.ts';

const drainMs = 60_000;

/** Plans the end of the feeds of devices that are revoked, or will have expired. */
export function drainRevoked(draft: Draft, ports: StepPorts, contact: ContactRow): void {
  const { devices } = contactState(ports.primitives, contact);
  for (const { deviceKey, feedId } of contact.devices) {
    const device = devices.find((known) => bytesEqual(known.deviceKey, deviceKey));
    if (device === undefined || feedId === undefined || (!device.revoked && device.expiresMs === 0)) continue;
    const name = `leave-feed:${bytesToHex(feedId)}`;
    const endsMs = device.revoked ? draft.nowMs : Math.max(draft.nowMs, device.expiresMs);
    const planned = draft.get(tables.agenda, textKey(name));
    if (planned === undefined || planned.dueMs > endsMs + drainMs) planWork(draft, name, endsMs + drainMs);
  }
}

/** `name`: of the work. */
export function leaveRevoked(draft: Draft, name: string): void {
  workDone(draft, name);
  const feedId = hexToBytes(name.slice(name.indexOf(':') + 1));
  const feed = feedId === undefined ? undefined : draft.get(tables.feeds, feedId);
  if (feedId === undefined || feed === undefined) return;
  leaveFeed(draft, feedId);
  const contact = draft.get(tables.contacts, textKey(feed.address));
  if (contact === undefined) return;
  const devices = contact.devices.filter((device) => !bytesEqual(device.deviceKey, feed.deviceKey));
  putContact(draft, { ...contact, devices });
}
