/**
 * Claims of this account for the period that is on and the next one, so that a day's change finds them there
 * (spec/directory.md, "Publishing"). Made anew every few hours: nodes come and go, and forget after two days.
 */
import {
  claimLifeMsMax,
  claimLocator,
  claimPeriod,
  claimWorkBitsMin,
  directorySeed as ownSeed,
  sealClaim,
  unwrap,
} from '@mycelium/protocol';
import { accountState, requireAccount } from '../account/account-row.ts';
import { confirmAccount } from '../account/adopt-account.ts';
import { ownCardPointer } from '../account/card.ts';
import { ownClaimVouch } from '../contacts/claim-vouch.ts';
import { planWork, postponeWork } from '../loop/agenda.ts';
import { storedRows } from '../loop/rows.ts';
import type { Loop } from '../loop/loop.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';
import { publishAgainstCrowd } from './crowded-claim.ts';
import { newestOwnCard } from './renew-device.ts';
import type { AccountRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';

const publishEveryMs = 4 * 3_600_000;
/** Soon at first: a node that has just started is still meeting the others. */
const retryDelays = { firstMs: 250, maxMs: 20_000 };

export async function publishClaim(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  name: string,
): Promise<void> {
  const begun = requireAccount(storedRows(ports.store));
  if (begun.unconfirmed && !(await confirm(ports, stepPorts, loop))) {
    const note = 'waiting for a directory node: this account may have been there before';
    return noteOutcome(loop, name, { accepted: 0, note });
  }
  const account = requireAccount(storedRows(ports.store));
  if (account.relays.length === 0) {
    return noteOutcome(loop, name, { accepted: 0, note: 'no relay: nobody could read the card' });
  }
  const period = claimPeriod(ports.clock.nowMs());
  let accepted = 0;
  const refusals = new Set<string>();
  for (const wanted of [period, Math.min(period + 1, 0xffff_ffff)]) {
    const outcome = await publishFor(ports, account, wanted);
    if (wanted === period) ({ accepted } = outcome);
    for (const refusal of outcome.refused) refusals.add(refusal);
  }
  const note =
    accepted > 0 ? `at ${accepted} directory nodes` : ([...refusals][0] ?? 'no directory node is reachable');
  await noteOutcome(loop, name, { accepted, note });
}

/** True once the account's card was found, or nobody who was asked has one. */
async function confirm(ports: ClientPorts, stepPorts: StepPorts, loop: Loop): Promise<boolean> {
  const found = await newestOwnCard(ports);
  if (found === undefined && ports.directory.nodesKnown() === 0) return false;
  await loop.step((draft) => confirmAccount(draft, stepPorts, found));
  return true;
}

async function publishFor(
  ports: ClientPorts,
  account: AccountRow,
  period: number,
): Promise<{ readonly accepted: number; readonly refused: readonly string[] }> {
  const { primitives } = ports;
  const nowMs = ports.clock.nowMs();
  const state = accountState(primitives, account);
  const record = unwrap(
    sealClaim(primitives, {
      userId: account.userId,
      period,
      claim: {
        accountId: account.accountId,
        accountKey: state.accountKey,
        head: state.head,
        timeMs: nowMs,
        card: ownCardPointer(primitives, account),
        relays: account.relays,
        domainProof: account.domainProof ?? new Uint8Array(),
        vouches: ownClaimVouch(storedRows(ports.store), { primitives, nowMs }),
      },
      deviceSeed: account.device.seed,
      directorySecret: account.secrets.directorySecret,
      sequence: nowMs,
      expiresMs: nowMs + claimLifeMsMax,
      nonce: ports.randomness.bytes(12),
      workBits: claimWorkBitsMin,
    }),
  );
  const directorySeed = ownSeed(primitives, account.secrets.directorySecret, period);
  const locator = claimLocator(primitives, account.userId, period);
  const outcome = await publishAgainstCrowd(ports, { locator, record, directorySeed });
  primitives.wipe(directorySeed);
  return outcome;
}

function noteOutcome(
  loop: Loop,
  name: string,
  outcome: { readonly accepted: number; readonly note: string },
): Promise<void> {
  return loop.step((draft) => {
    const account = requireAccount(draft);
    const at = outcome.accepted > 0 ? draft.nowMs : account.published.at;
    draft.put(tables.account, accountRowKey, { ...account, published: { at, note: outcome.note } });
    if (outcome.accepted > 0) planWork(draft, name, draft.nowMs + publishEveryMs);
    else postponeWork(draft, name, retryDelays);
  });
}
