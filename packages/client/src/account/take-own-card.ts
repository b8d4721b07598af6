/** What our own card says that this device did not write: taken over, before it is written again. */
import { bytesEqual, compareAccountLogs, liveDevice, type VerifiedCard } from '@mycelium/protocol';
import { workDone } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { stopAsCopy } from './ahead.ts';
import { requireAccount } from './account-row.ts';
import { putCard } from './card.ts';

export function takeOwnCard(
  draft: Draft,
  ports: StepPorts,
  { name, card }: { readonly name: string; readonly card: VerifiedCard },
): void {
  const account = requireAccount(draft);
  workDone(draft, name);
  if (!bytesEqual(card.state.accountId, account.accountId)) return;
  const longer = compareAccountLogs(account.log, card.log) === 'extension';
  const synced = {
    ...account,
    log: longer ? card.log : account.log,
    cardSequence: Math.max(account.cardSequence, card.sequence),
    otherDevices: card.devices,
  };
  const revoked = longer && liveDevice(card.state, account.device.key, draft.nowMs) === undefined;
  if (revoked && !account.cloned) stopAsCopy(draft, synced);
  else if (!account.cloned) putCard(draft, ports, synced);
}
