/** Finding and changing rows of contacts. */
import {
  bytesEqual,
  bytesToHex,
  hexToBytes,
  parseAddress,
  replayAccountLog,
  unwrap,
  type AccountId,
  type AccountState,
  type DeviceKey,
  type FeedId,
  type Primitives,
} from '@mycelium/protocol';
import { ClientError } from '../client.ts';
import type { Draft } from '../loop/draft.ts';
import type { Rows } from '../loop/rows.ts';
import { textKey } from '../store/keys.ts';
import type { ContactDevice, ContactRow, OwnFeedRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';

const conversationHexLength = 64;

/** `to`: address as a person types it, label, or conversation id. */
export function findContact(rows: Rows, to: string): ContactRow {
  // As it stands in the row: what programs give is mostly that.
  const exact = to === '' ? undefined : rows.get(tables.contacts, textKey(to));
  if (exact !== undefined) return exact;
  const address = parseAddress(to);
  const byAddress = address.ok ? rows.get(tables.contacts, textKey(address.value.text)) : undefined;
  if (byAddress !== undefined) return byAddress;
  const id = to.length === conversationHexLength ? hexToBytes(to) : undefined;
  const byConversation = id === undefined ? undefined : contactById(rows, id);
  if (byConversation !== undefined && bytesToHex(byConversation.conversation) === to) return byConversation;
  const others = rows.scan(tables.contacts).map(({ row }) => row);
  const found = others.filter((row) => row.label === to);
  if (found.length > 1) {
    throw new ClientError('not-found', 'Several contacts have this label: name one by its address.');
  }
  if (found[0] !== undefined) return found[0];
  throw new ClientError(
    'unknown-contact',
    address.ok
      ? `${address.value.text} is not a contact: add them with "mycelium contact add" or accept their invite.`
      : 'This is neither an address, nor a label, nor a conversation of a contact.',
  );
}

/** Under whatever name: a conversation is of two accounts, and there is one of them. */
export function contactOfAccount(rows: Rows, accountId: AccountId): ContactRow | undefined {
  return contactById(rows, accountId);
}

/** `id`: of its account, or of the conversation. */
function contactById(rows: Rows, id: Uint8Array): ContactRow | undefined {
  const address = rows.get(tables.contactAddresses, id);
  return address === undefined ? undefined : rows.get(tables.contacts, address);
}

export function putContact(draft: Draft, contact: ContactRow): ContactRow {
  const key = textKey(contact.address);
  draft.put(tables.contacts, key, contact);
  for (const id of [contact.accountId, contact.conversation]) {
    const known = draft.get(tables.contactAddresses, id);
    if (known === undefined || !bytesEqual(known, key)) draft.put(tables.contactAddresses, id, key);
  }
  return contact;
}

export function deleteContact(draft: Draft, contact: ContactRow): void {
  draft.delete(tables.contacts, textKey(contact.address));
  for (const id of [contact.accountId, contact.conversation]) draft.delete(tables.contactAddresses, id);
}

/** Stores had no such list at first. On every start, and then once. */
export function listContacts(draft: Draft): void {
  if (draft.scan(tables.contactAddresses, { limit: 1 }).length > 0) return;
  for (const { row: contact } of draft.scan(tables.contacts)) putContact(draft, contact);
}

/** What a log comes to, once for each: logs are values, and a conversation asks with every message. */
const statesByLog = new WeakMap<ContactRow['log'], AccountState>();

/** The log of a contact was verified when it was stored: it is only put together again. */
export function contactState(primitives: Primitives, contact: ContactRow): AccountState {
  const known = statesByLog.get(contact.log);
  if (known !== undefined) return known;
  const state = unwrap(replayAccountLog({ ...primitives, ed25519Verify: () => true }, contact.log));
  statesByLog.set(contact.log, state);
  return state;
}

export function findDevice(contact: ContactRow, key: DeviceKey): ContactDevice | undefined {
  return contact.devices.find((device) => bytesEqual(device.deviceKey, key));
}

/** Replaces the device of the same key, or adds it. */
export function withDevice(contact: ContactRow, device: ContactDevice): ContactRow {
  const others = contact.devices.filter((other) => !bytesEqual(other.deviceKey, device.deviceKey));
  return { ...contact, devices: [...others, device] };
}

/** The feed that we write to now. None while this device is being renewed, or nothing may go out to the contact. */
export function ownFeedOf(rows: Rows, contact: ContactRow): OwnFeedRow | undefined {
  if (contact.heldSinceMs !== undefined) return undefined;
  if (rows.get(tables.account, accountRowKey)?.cloned === true) return undefined;
  const feedId = contact.ownFeeds.at(-1);
  const feed = feedId === undefined ? undefined : rows.get(tables.feeds, feedId);
  return feed?.kind === 'own' && !feed.left ? feed : undefined;
}

/** All feeds of the conversation that have been ours or are followed. */
export function feedIdsOf(contact: ContactRow): readonly FeedId[] {
  const theirs = contact.devices.flatMap(({ feedId }) => (feedId === undefined ? [] : [feedId]));
  return [...contact.ownFeeds, ...theirs];
}

/** False: the contact is not to learn our IP address. */
export function isDirect(contact: ContactRow): boolean {
  return contact.policy !== 'relays-only';
}
