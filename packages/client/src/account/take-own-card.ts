/** What our own card says that this device did not write: taken over, before it is written again. */
import {
  bytesEqual,
  compareAccountLogs,
  decodeAccountEntry,
  liveDevice,
  type VerifiedCard,
} from '@mycelium/protocol';
import { workDone } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import type { AccountRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { adoptLog } from './adopt-account.ts';
import { putOut, stopAsCopy } from './ahead.ts';
import { samePeers } from '../relays/peer-lists.ts';
import { requireAccount } from './account-row.ts';
import { ownCardDevice, putCard } from './card.ts';

export async function takeOwnCard(
  draft: Draft,
  ports: StepPorts,
  { name, card }: { readonly name: string; readonly card: VerifiedCard },
): Promise<void> {
  const account = requireAccount(draft);
  workDone(draft, name);
  if (!bytesEqual(card.state.accountId, account.accountId)) return;
  const comparison = compareAccountLogs(account.log, card.log);
  if (comparison === 'fork' && !account.cloned) {
    putCard(draft, ports, await adoptLog(draft, ports, account, card));
    return;
  }
  const longer = comparison === 'extension';
  const synced = {
    ...account,
    log: longer ? card.log : account.log,
    cardSequence: Math.max(account.cardSequence, card.sequence),
    otherDevices: card.devices,
    // Put in on another device of the account.
    ...(account.domainProof === undefined && card.domainProof && { domainProof: card.domainProof }),
  };
  const revoked = longer && liveDevice(card.state, account.device.key, draft.nowMs) === undefined;
  if (account.cloned) return;
  if (revoked && isPutOut(synced)) putOut(draft, synced);
  else if (revoked) stopAsCopy(draft, synced);
  else if (!saysAll(draft, ports, synced, card)) putCard(draft, ports, synced);
  else draft.put(tables.account, accountRowKey, synced);
}

/**
 * A device that renews itself adds its new key and then revokes the old one: who finds itself revoked like that is its
 * other self. Otherwise another device has put this one out.
 */
function isPutOut({ log, device }: AccountRow): boolean {
  const ops = log
    .map((entry) => decodeAccountEntry(entry))
    .map((entry) => (entry.ok ? entry.value.op : undefined));
  const at = ops.findIndex((op) => op?.kind === 'revoke-device' && bytesEqual(op.deviceKey, device.key));
  const before = ops[at - 1];
  return at >= 0 && !(before?.kind === 'add-device' && before.name === device.name);
}

/** Two devices that only ever added what is theirs come to rest. */
function saysAll(draft: Draft, ports: StepPorts, account: AccountRow, card: VerifiedCard): boolean {
  const own = ownCardDevice(draft, ports, account);
  const named = card.devices.some(
    ({ certificate, keyPackage, intake }) =>
      bytesEqual(certificate, own.certificate) &&
      bytesEqual(keyPackage, own.keyPackage) &&
      bytesEqual(intake.publicKey, own.intake.publicKey) &&
      samePeers(intake.relays, own.intake.relays),
  );
  const proved = account.domainProof === undefined || card.domainProof !== undefined;
  return named && proved && card.log.length === account.log.length;
}
