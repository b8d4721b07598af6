/** Work on the account that comes round: fresh keys for strangers, and whether our relays or addresses have moved. */
import { encodeAccountLog, messageKinds } from '@mycelium/protocol';
import { tellReachability } from '../contacts/begin-conversation.ts';
import { ownFeedOf } from '../contacts/contact-row.ts';
import { declareQueuesOf } from '../conversation/declare.ts';
import { say } from '../conversation/own-feed.ts';
import { planWork } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import type { AccountRow, ContactRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { accountState, ownRelays, requireAccount, samePeers } from './account-row.ts';
import { putCard } from './card.ts';
import { declareIntake, extendLog, keysEveryMs } from './create-account.ts';
import { makeDeviceKeys } from './device-keys.ts';

const addressesEveryMs = 60_000;
/** A log has room for 256 entries: a relay that only got another port is not worth one of the last. */
const relayEntriesMax = 160;

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
  const account = requireAccount(draft);
  const relays = ownRelays(draft, ports);
  if (!samePeers(relays, account.relays)) moveRelays(draft, ports, account, relays);
  for (const { row: contact } of draft.scan(tables.contacts)) {
    tellLog(draft, ports, contact);
    tellReachability(draft, ports, contact);
  }
}

/** Card, intake and claim go to where the relays are now. */
function moveRelays(draft: Draft, ports: StepPorts, account: AccountRow, relays: AccountRow['relays']): void {
  const { primitives } = ports;
  const state = accountState(primitives, account);
  const log =
    account.log.length < relayEntriesMax
      ? extendLog(
          primitives,
          { entries: account.log, state, secrets: account.secrets },
          { kind: 'set-relays', relays },
          draft.nowMs,
        ).entries
      : account.log;
  const moved: AccountRow = { ...account, relays, log };
  draft.put(tables.account, accountRowKey, moved);
  declareIntake(draft, moved);
  putCard(draft, ports, moved);
  for (const { row: contact } of draft.scan(tables.contacts)) declareQueuesOf(draft, contact, relays);
  planWork(draft, 'claim', draft.nowMs);
}

/** A contact hears of new entries of our account log in our feed. */
export function tellLog(draft: Draft, ports: StepPorts, contact: ContactRow): void {
  const account = requireAccount(draft);
  const feed = ownFeedOf(draft, contact);
  if (feed === undefined || contact.status !== 'accepted' || feed.logLength >= account.log.length) return;
  const body = encodeAccountLog(account.log);
  say(draft, ports, { ...feed, logLength: account.log.length }, { kind: messageKinds['account-log'], body });
}
