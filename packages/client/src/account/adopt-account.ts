/**
 * An account that was recovered from its words while nobody could be asked what it has become. It says nothing until
 * somebody was: then this device joins the account that there is, or it is new after all (spec/identity.md, "Recovery").
 */
import { bytesEqual, type VerifiedCard } from '@mycelium/protocol';
import { planWork } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import type { AccountRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { requireAccount } from './account-row.ts';
import { putCard } from './card.ts';
import { addDevice, certify, extendLog } from './create-account.ts';
import { makeDeviceKeys } from './device-keys.ts';

/** `found`: the account's card, if it has one. */
export async function confirmAccount(
  draft: Draft,
  ports: StepPorts,
  found: VerifiedCard | undefined,
): Promise<void> {
  const account = requireAccount(draft);
  if (!account.unconfirmed) return;
  const confirmed: AccountRow = { ...account, unconfirmed: false };
  const settled = found === undefined ? confirmed : await adoptLog(draft, ports, confirmed, found);
  draft.put(tables.account, accountRowKey, settled);
  putCard(draft, ports, settled);
  planWork(draft, 'claim', draft.nowMs);
}

/**
 * This device becomes one of the account as it was found, whatever it has said of it before. Contacts who have seen
 * that will say so: there were two histories for a while.
 */
export async function adoptLog(
  draft: Draft,
  ports: StepPorts,
  account: AccountRow,
  found: VerifiedCard,
): Promise<AccountRow> {
  const { primitives } = ports;
  const { secrets, device } = account;
  const taken = { cardSequence: found.sequence, otherDevices: found.devices };
  if (found.state.devices.some(({ deviceKey }) => bytesEqual(deviceKey, device.key))) {
    return { ...account, ...taken, log: found.log };
  }
  const known = { entries: found.log, state: found.state, secrets };
  const log = extendLog(primitives, known, addDevice(device, draft.nowMs), draft.nowMs);
  const certificate = certify(primitives, log.state, device.key, secrets);
  await makeDeviceKeys(draft, ports, { deviceSeed: device.seed, deviceKey: device.key, certificate });
  return {
    ...account,
    ...taken,
    log: log.entries,
    device: { ...device, certificate },
  };
}
