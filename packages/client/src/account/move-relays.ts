/**
 * The account goes to other relays: its log says so, card, intake and claim follow, and queues whose relays it has left are appended
 * to elsewhere (spec/mail-clients.md, "Choice of relays").
 */
import type { PeerAddress } from '@mycelium/protocol';
import { declareQueuesOf } from '../conversation/declare.ts';
import { planWork } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { relayRow } from '../relays/name-relays.ts';
import { hasKey, samePeers, uniqueByKey } from '../relays/peer-lists.ts';
import type { AccountRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { accountState, hasRoomForRelays } from './account-row.ts';
import { putCard } from './card.ts';
import { declareIntake, extendLog, holdsKey } from './create-account.ts';

/** Card, intake and claim go to where the relays are now. */
export function moveRelays(
  draft: Draft,
  ports: StepPorts,
  account: AccountRow,
  relays: AccountRow['relays'],
): void {
  const changed = noteReplaced(draft, account, relays);
  const moved: AccountRow = {
    ...account,
    relays,
    log: loggedRelays(draft, ports, account, relays),
    ...(changed && { relaysChangedMs: draft.nowMs }),
  };
  draft.put(tables.account, accountRowKey, moved);
  declareIntake(draft, moved);
  putCard(draft, ports, moved);
  for (const { row: contact } of draft.scan(tables.contacts)) declareQueuesOf(draft, ports, contact);
  planWork(draft, 'claim', draft.nowMs);
}

function loggedRelays(
  draft: Draft,
  { primitives }: StepPorts,
  account: AccountRow,
  relays: AccountRow['relays'],
): AccountRow['log'] {
  const state = accountState(primitives, account);
  // Another device of the account said it already.
  if (samePeers(state.relays, relays) || !hasRoomForRelays(account.log)) return account.log;
  // Another device rotated the account key: that one says where the relays are.
  if (!holdsKey(primitives, state, account.secrets)) return account.log;
  const log = { entries: account.log, state, secrets: account.secrets };
  return extendLog(primitives, log, { kind: 'set-relays', relays }, draft.nowMs).entries;
}

/** True: something changed that nobody asked for. */
function noteReplaced(draft: Draft, account: AccountRow, relays: readonly PeerAddress[]): boolean {
  let changed = false;
  for (const relay of uniqueByKey([...account.relays, ...relays])) {
    const row = relayRow(draft, relay);
    const replaced = !hasKey(relays, relay) && !row.unwanted;
    const joined = !hasKey(account.relays, relay) && !hasKey(account.chosenRelays, relay);
    changed ||= replaced || joined;
    if (row.replaced !== replaced) draft.put(tables.relays, relay.key, { ...row, replaced });
  }
  return changed;
}
