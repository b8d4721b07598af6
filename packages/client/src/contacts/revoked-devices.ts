/**
 * Devices of a contact that its account has revoked. Nothing is said to them from the next message on; what they said
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

/** Plans the end of the feeds of devices that are revoked. */
export function drainRevoked(draft: Draft, ports: StepPorts, contact: ContactRow): void {
  const { devices } = contactState(ports.primitives, contact);
  for (const { deviceKey, feedId } of contact.devices) {
    const revoked = devices.some((device) => device.revoked && bytesEqual(device.deviceKey, deviceKey));
    if (!revoked || feedId === undefined) continue;
    const name = `leave-feed:${bytesToHex(feedId)}`;
    if (draft.get(tables.agenda, textKey(name)) === undefined) planWork(draft, name, draft.nowMs + drainMs);
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
