/** The account as its row has it, and what follows from that row. */
import {
  accountFingerprint,
  accountLogBytesMax,
  bytesEqual,
  relaysMax,
  replayAccountLog,
  unwrap,
  type AccountState,
  type PeerAddress,
  type Primitives,
} from '@mycelium/protocol';
import { ClientError } from '../client.ts';
import type { Rows } from '../loop/rows.ts';
import type { StepPorts } from '../ports.ts';
import type { AccountRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';

export function requireAccount(rows: Rows): AccountRow {
  const account = rows.get(tables.account, accountRowKey);
  if (account === undefined) {
    throw new ClientError(
      'no-account',
      'There is no account here yet: make one with "mycelium init ADDRESS".',
    );
  }
  return account;
}

/** The account's relays where they are now: this node's own addresses may have changed since. */
export function ownRelays(rows: Rows, ports: Pick<StepPorts, 'ownAddresses'>): readonly PeerAddress[] {
  const account = rows.get(tables.account, accountRowKey);
  const own = ports.ownAddresses();
  const isOwn = ({ key }: PeerAddress): boolean => own.some((here) => bytesEqual(here.key, key));
  const relays = account?.relays ?? [];
  if (!relays.some(isOwn)) return relays;
  return [...relays.filter((relay) => !isOwn(relay)), ...own].slice(0, relaysMax);
}

/** A log has room for 256 entries and 32 KiB: where relays are is not worth the last of it, which devices need. */
const relayEntriesMax = 160;
const relayEntryBytesMax: number = (accountLogBytesMax * 3) / 4;

export function hasRoomForRelays(log: AccountRow['log']): boolean {
  const bytes = log.reduce((sum, entry) => sum + entry.length, 0);
  return log.length < relayEntriesMax && bytes < relayEntryBytesMax;
}

/** What a log comes to, once for each: logs are values, and each conversation asks. */
const statesByLog = new WeakMap<AccountRow['log'], AccountState>();

/** Our own log is valid: it was when it was written. It is only put together again. */
export function accountState(primitives: Primitives, account: AccountRow): AccountState {
  const known = statesByLog.get(account.log);
  if (known !== undefined) return known;
  const state = unwrap(replayAccountLog({ ...primitives, ed25519Verify: () => true }, account.log));
  statesByLog.set(account.log, state);
  return state;
}

export function ownFingerprint(account: AccountRow): string {
  return accountFingerprint(account.accountId);
}
