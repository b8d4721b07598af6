/** Work on the account that comes round: fresh keys for strangers, and whether our relays or addresses have moved. */
import {
  bytesEqual,
  encodeAccountLog,
  encodeReachability,
  liveDevices,
  messageKinds,
} from '@mycelium/protocol';
import { tellReachability } from '../contacts/begin-conversation.ts';
import { ownFeedOf } from '../contacts/contact-row.ts';
import { say } from '../conversation/own-feed.ts';
import { tellProof } from '../domains/own-proof.ts';
import { planWork } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { textKey } from '../store/keys.ts';
import type { AccountRow, ContactRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { samePeers } from '../relays/peer-lists.ts';
import { accountState, requireAccount } from './account-row.ts';
import { putCard } from './card.ts';
import { keysEveryMs } from './create-account.ts';
import { makeDeviceKeys } from './device-keys.ts';
import { moveRelays } from './move-relays.ts';
import { wantedRelays } from './wanted-relays.ts';

const addressesEveryMs = 60_000;
/** Relays are looked at when the first connections have had their time. */
const firstLookMs = 10_000;
const lookAtAllEveryMs = 900_000;

/** Fresh KeyPackage and intake key, and a card that names them. */
export async function rotateKeys(draft: Draft, ports: StepPorts): Promise<void> {
  const account = requireAccount(draft);
  const { seed: deviceSeed, key: deviceKey, certificate } = account.device;
  await makeDeviceKeys(draft, ports, { deviceSeed, deviceKey, certificate });
  putCard(draft, ports, account);
  planWork(draft, 'keys', draft.nowMs + keysEveryMs);
}

/** On every start and every minute: what moved is told to those whom it concerns. */
export function lookAtAddresses(draft: Draft, ports: StepPorts): void {
  planWork(draft, 'addresses', draft.nowMs + addressesEveryMs);
  if (draft.get(tables.agenda, textKey('relays')) === undefined)
    planWork(draft, 'relays', draft.nowMs + firstLookMs);
  const account = requireAccount(draft);
  const relays = wantedRelays(draft, ports, draft.nowMs);
  if (!samePeers(relays, account.relays)) moveRelays(draft, ports, account, relays);
  if (!isNews(draft, ports)) return;
  lookAtOwnCard(draft, ports, account);
  for (const { row: contact } of draft.scan(tables.contacts)) {
    tellLog(draft, ports, contact);
    tellReachability(draft, ports, contact);
    tellProof(draft, ports, contact);
  }
}

/** Another device of the account may have changed it: its log, and who is in it. */
function lookAtOwnCard(draft: Draft, { primitives }: StepPorts, account: AccountRow): void {
  const devices = liveDevices(accountState(primitives, account), draft.nowMs);
  if (devices.length > 1 && account.putOut !== true) planWork(draft, 'own-card', draft.nowMs);
}

/** Whom it concerns are all contacts: they are not looked through every minute for nothing, but now and then all the same. */
function isNews(draft: Draft, ports: StepPorts): boolean {
  const account = requireAccount(draft);
  const addresses = encodeReachability(ports.ownAddresses().slice(0, 16));
  const { length } = account.log;
  const { told } = account;
  const same = told !== undefined && told.logLength === length && bytesEqual(told.addresses, addresses);
  if (same && draft.nowMs - told.atMs < lookAtAllEveryMs) return false;
  const news = { addresses, logLength: length, atMs: draft.nowMs };
  draft.put(tables.account, accountRowKey, { ...account, told: news });
  return true;
}

/** A contact hears of new entries of our account log in our feed. */
export function tellLog(draft: Draft, ports: StepPorts, contact: ContactRow): void {
  const account = requireAccount(draft);
  const feed = ownFeedOf(draft, contact);
  if (feed === undefined || contact.status !== 'accepted' || feed.logLength >= account.log.length) return;
  const body = encodeAccountLog(account.log);
  say(draft, ports, { ...feed, logLength: account.log.length }, { kind: messageKinds['account-log'], body });
}
