/**
 * What the person changes about the account itself (spec/identity.md, "Account log"): a new account key, another address, a
 * device that is put out. Each is an entry of the log; card, claim and contacts follow.
 */
import {
  bytesEqual,
  bytesToHex,
  liveDevices,
  userIdOf,
  type AccountDevice,
  type AccountKey,
  type AccountOp,
  type AccountSecrets,
  type Address,
} from '@mycelium/protocol';
import { ClientError } from '../client.ts';
import { planWork } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { textKey } from '../store/keys.ts';
import type { AccountRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { accountState, requireAccount } from './account-row.ts';
import { cardQueue, ownCardPointer, putCard } from './card.ts';
import { extendLog } from './create-account.ts';
import { tellLog } from './maintain.ts';

/** Relays keep a card, and so invites of the earlier words, this long. */
const formerCardMs = 30 * 24 * 3_600_000;
const formerCardsMax = 4;
const keyPrefixMin = 8;

/** `secrets`: of the new phrase. The card goes to the queue of the new words; in the earlier one it says so a last time. */
export function rotateKey(draft: Draft, ports: StepPorts, secrets: AccountSecrets): AccountRow {
  const { primitives } = ports;
  const account = changeable(draft);
  const accountKey = primitives.ed25519PublicKey(secrets.accountSeed) as AccountKey;
  const op: AccountOp = { kind: 'rotate-account-key', accountKey };
  const known = { entries: account.log, state: accountState(primitives, account), secrets: account.secrets };
  const newSeed = secrets.accountSeed;
  const log = extendLog(primitives, { ...known, newSeed }, op, draft.nowMs);
  const last = putCard(draft, ports, { ...account, log: log.entries });
  const rotated = withSecrets(draft, ports, last, secrets);
  tellContacts(draft, ports);
  return rotated;
}

/** The words of a key that another device has rotated to. */
export function takeSecrets(draft: Draft, ports: StepPorts, secrets: AccountSecrets): AccountRow {
  return withSecrets(draft, ports, changeable(draft), secrets);
}

function withSecrets(
  draft: Draft,
  ports: StepPorts,
  account: AccountRow,
  secrets: AccountSecrets,
): AccountRow {
  const { primitives } = ports;
  const former = { route: account.cardRoute, untilMs: draft.nowMs + formerCardMs };
  const next = { ...account, secrets };
  const cardRoute = cardQueue(primitives, ownCardPointer(primitives, next)).route;
  const formerCards = [...(account.formerCards ?? []), former].slice(-formerCardsMax);
  const carded = putCard(draft, ports, { ...next, cardRoute, formerCards });
  draft.retire(account.secrets.accountSeed, account.secrets.directorySecret);
  planWork(draft, 'claim', draft.nowMs);
  return carded;
}

export function moveAddress(draft: Draft, ports: StepPorts, address: Address): AccountRow {
  // What the domain of the old address has signed for says nothing of the new one.
  const { domainProof: _proof, ...account } = changeable(draft);
  if (address.text === account.address) throw new ClientError('self', 'This is your address already.');
  if (draft.get(tables.contacts, textKey(address.text)) !== undefined) {
    throw new ClientError(
      'contested',
      `${address.text} is one of your contacts: it is somebody else's address.`,
    );
  }
  const log = loggedOp(ports, account, { kind: 'move-address', address: address.text }, draft.nowMs);
  const moved = { ...account, log, address: address.text, userId: userIdOf(ports.primitives, address) };
  return settle(draft, ports, moved);
}

/** `name`: of the device, or the beginning of its key in hexadecimal. */
export function revokeDevice(draft: Draft, ports: StepPorts, name: string): AccountRow {
  const account = changeable(draft);
  const device = findDevice(liveDevices(accountState(ports.primitives, account), 0), name);
  if (bytesEqual(device.deviceKey, account.device.key)) {
    throw new ClientError('self', 'This is this very device: revoke it from another one of the account.');
  }
  const { deviceKey } = device;
  return settle(draft, ports, {
    ...account,
    log: loggedOp(ports, account, { kind: 'revoke-device', deviceKey }, draft.nowMs),
  });
}

function findDevice(devices: readonly AccountDevice[], name: string): AccountDevice {
  const isMeant = (device: AccountDevice): boolean =>
    device.name === name || (name.length >= keyPrefixMin && bytesToHex(device.deviceKey).startsWith(name));
  const [found, another] = devices.filter(isMeant);
  if (another !== undefined) {
    throw new ClientError(
      'not-found',
      'Several devices have this name: give the beginning of its key, as "mycelium account device list" shows it.',
    );
  }
  if (found !== undefined) return found;
  throw new ClientError(
    'not-found',
    'The account has no such device: "mycelium account device list" names them.',
  );
}

function loggedOp(ports: StepPorts, account: AccountRow, op: AccountOp, nowMs: number): AccountRow['log'] {
  const { primitives } = ports;
  const { secrets } = account;
  const known = { entries: account.log, state: accountState(primitives, account), secrets };
  return extendLog(primitives, known, op, nowMs).entries;
}

function settle(draft: Draft, ports: StepPorts, account: AccountRow): AccountRow {
  const carded = putCard(draft, ports, account);
  planWork(draft, 'claim', draft.nowMs);
  tellContacts(draft, ports);
  return carded;
}

function tellContacts(draft: Draft, ports: StepPorts): void {
  for (const { row: contact } of draft.scan(tables.contacts)) tellLog(draft, ports, contact);
}

/** A device that does not know what the account is now changes nothing about it. */
function changeable(draft: Draft): AccountRow {
  const account = requireAccount(draft);
  if (account.putOut === true)
    throw new ClientError('device-revoked', 'This device was revoked: it cannot change the account.');
  if (account.unconfirmed || account.cloned) {
    throw new ClientError(
      'unreachable',
      'This device does not know yet what the account has become: it is asking relays and the directory. Try again when it has reached them.',
    );
  }
  return account;
}
