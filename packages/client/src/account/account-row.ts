/** The account as its row has it, and what follows from that row. */
import {
  accountFingerprint,
  bytesEqual,
  isSamePeer,
  relaysMax,
  replayAccountLog,
  unwrap,
  type AccountState,
  type PeerAddress,
  type Primitives,
} from '@mycelium/protocol';
import { ClientError } from '../client.ts';
import { uniqueByKey } from '../conversation/queue-peers.ts';
import type { Rows } from '../loop/rows.ts';
import type { StepPorts } from '../ports.ts';
import type { AccountRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';

/** Relays of an account beside which more would only cost. */
const accountRelaysMax = 3;

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

/** Where the queues of this account are: as chosen, else this node when it keeps mail. */
export function ownRelays(
  rows: Rows,
  ports: Pick<StepPorts, 'ownAddresses' | 'isRelay'>,
): readonly PeerAddress[] {
  const account = rows.get(tables.account, accountRowKey);
  const chosen = account?.chosenRelays ?? [];
  const own = ports.isRelay ? ports.ownAddresses() : [];
  // A relay that does not know its addresses yet is where it was: a log has room for few moves.
  const here = ports.isRelay && own.length === 0 ? (account?.relays ?? []) : own;
  const relays = chosen.length > 0 ? chosen : here;
  const keys = uniqueByKey(relays).slice(0, accountRelaysMax);
  return keys.flatMap((first) => endpointsOf(relays, first)).slice(0, relaysMax);
}

/** A relay's first address, and the first one by WebSocket where that is another. */
function endpointsOf(relays: readonly PeerAddress[], first: PeerAddress): readonly PeerAddress[] {
  const all = relays.filter(({ key }) => bytesEqual(key, first.key));
  const webSocket = all.find(({ endpoint }) => endpoint?.over !== undefined);
  return webSocket === undefined || webSocket === first ? [first] : [first, webSocket];
}

/** Our own log is valid: it was when it was written. It is only put together again. */
export function accountState(primitives: Primitives, account: AccountRow): AccountState {
  return unwrap(replayAccountLog({ ...primitives, ed25519Verify: () => true }, account.log));
}

export function ownFingerprint(account: AccountRow): string {
  return accountFingerprint(account.accountId);
}

export function samePeers(left: readonly PeerAddress[], right: readonly PeerAddress[]): boolean {
  return left.length === right.length && left.every((peer, at) => isSamePeer(peer, right[at] ?? peer));
}
