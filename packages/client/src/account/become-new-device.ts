/**
 * A device that found itself to be an old copy, or whose time in the account log is nearly over, takes a new key, revokes its old one, and leaves every feed that it
 * has written for a new one. Messages that nobody confirmed are said again there, with their origin, so that whoever
 * had them already shows them once.
 */
import {
  bytesEqual,
  compareAccountLogs,
  liveDevice,
  messageKinds,
  type AccountOp,
  type VerifiedCard,
} from '@mycelium/protocol';
import { renewFeed } from '../contacts/renew-feed.ts';
import { workDone, planWork } from '../loop/agenda.ts';
import type { SayingAgain } from '../conversation/say-again.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { prefixRange } from '../store/keys.ts';
import type { AccountRow, ContactRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { accountState, requireAccount } from './account-row.ts';
import { putCard } from './card.ts';
import {
  addDevice,
  certify,
  declareIntake,
  extendLog,
  makeDevice,
  expiryWork,
  planRenewal,
  type OwnLog,
} from './create-account.ts';
import { makeDeviceKeys } from './device-keys.ts';

/** Newest messages of a conversation among which texts are doubted. */
const doubtedMax = 128;

export interface Renewal {
  /** Name of the work. */
  readonly name: string;
  /** The account's card as relays have it now, if it could be read. */
  readonly found: VerifiedCard | undefined;
}

export async function becomeNewDevice(draft: Draft, ports: StepPorts, renewal: Renewal): Promise<void> {
  const account = requireAccount(draft);
  workDone(draft, renewal.name);
  if (account.putOut === true || (!account.cloned && renewal.name !== expiryWork)) return;
  const renewed = await renewKeys(draft, ports, account, renewal.found);
  for (const { row: contact } of draft.scan(tables.contacts)) {
    if (contact.ownFeeds.length > 0 && contact.status !== 'blocked' && contact.heldSinceMs === undefined)
      await renewFeed(draft, ports, contact, account.cloned ? doubtedTexts(draft, contact) : []);
  }
  putCard(draft, ports, renewed);
  planWork(draft, 'claim', draft.nowMs);
  planRenewal(draft, renewed.device);
}

/**
 * A receipt is for all that stood below it too, and there the other self's texts may stand in the place of ours. So the newest
 * texts of the feed are said again; who has them shows them once.
 */
function doubtedTexts(draft: Draft, contact: ContactRow): readonly SayingAgain[] {
  const range = { ...prefixRange(contact.conversation), reverse: true, limit: doubtedMax };
  return draft
    .scan(tables.messages, range)
    .filter(({ row }) => row.own && row.kind === messageKinds.text && row.state === 'delivered')
    .filter(({ row }) => contact.ownFeeds.some((feedId) => bytesEqual(feedId, row.feedId)))
    .map(({ row }) => ({ message: { ...row, state: 'stored' as const }, again: 0 }));
}

async function renewKeys(
  draft: Draft,
  ports: StepPorts,
  account: AccountRow,
  found: VerifiedCard | undefined,
): Promise<AccountRow> {
  const { primitives } = ports;
  const log = newestLog(ports, account, found);
  const oldKey = account.device.key;
  draft.effect({ kind: 'leave', route: account.device.intakeRoute });
  const { name, lifetimeMs } = account.device;
  const named = makeDevice(draft, ports, { name, lifetimeMs });
  const { secrets } = account;
  let grown = extendLog(primitives, { ...log, secrets }, addDevice(named, draft.nowMs), draft.nowMs);
  if (liveDevice(log.state, oldKey, draft.nowMs) !== undefined) {
    const revoke: AccountOp = { kind: 'revoke-device', deviceKey: oldKey };
    grown = extendLog(primitives, { ...grown, secrets }, revoke, draft.nowMs);
  }
  const certificate = certify(primitives, grown.state, named.key, secrets);
  const renewed: AccountRow = {
    ...account,
    log: grown.entries,
    device: { ...named, certificate },
    cardSequence: Math.max(account.cardSequence, found?.sequence ?? 0),
    otherDevices: found?.devices ?? account.otherDevices,
    cloned: false,
    renewedMs: draft.nowMs,
  };
  draft.put(tables.account, accountRowKey, renewed);
  draft.retire(account.device.seed);
  await makeDeviceKeys(draft, ports, { deviceSeed: named.seed, deviceKey: named.key, certificate });
  declareIntake(draft, renewed);
  return renewed;
}

/** Somebody else may have gone on with the log since this copy was made. */
function newestLog(ports: StepPorts, account: AccountRow, found: VerifiedCard | undefined): OwnLog {
  const known = { entries: account.log, state: accountState(ports.primitives, account) };
  if (found === undefined || compareAccountLogs(account.log, found.log) !== 'extension') return known;
  return { entries: found.log, state: found.state };
}
