/**
 * The account log: replay from `create` to the state of an account, and the comparison of two logs
 * (spec/identity.md, "Account log"). Pure: a log is a list of encoded entries. Never in any order but its own.
 */
import { bytesEqual } from '../bytes/compare.ts';
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { AccountId, AccountKey, DeviceKey, PeerAddress } from '../brands.ts';
import { accept, refuse, unwrap, type Result } from '../errors.ts';
import { accountEntriesMax, accountEntryBytesMax, accountLogBytesMax, devicesMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import type { AccountOp } from './account-op.ts';
import {
  accountEntryHash,
  decodeAccountEntry,
  entryIsSignedBy,
  signAccountEntry,
  type AccountEntry,
} from './account-entry.ts';

export interface AccountDevice {
  readonly deviceKey: DeviceKey;
  readonly name: string;
  /** 0: never. */
  readonly expiresMs: number;
  /** The account key that added it, and so signed its certificate. */
  readonly addedBy: AccountKey;
  readonly revoked: boolean;
}

/** Newest entry that somebody has seen. */
export interface AccountHead {
  readonly sequence: number;
  readonly hash: Uint8Array;
}

export interface AccountState {
  readonly accountId: AccountId;
  /** Canonical text. */
  readonly address: string;
  /** Addresses that it had and moved from, oldest first. */
  readonly formerAddresses: readonly string[];
  readonly accountKey: AccountKey;
  /** In the order in which they were added, revoked ones included: a revoked key never comes back. */
  readonly devices: readonly AccountDevice[];
  readonly relays: readonly PeerAddress[];
  /** Relays that it had and left, newest first. */
  readonly formerRelays: readonly PeerAddress[];
  readonly head: AccountHead;
}

const where = 'account-log';

/** Takes one more entry: `state` undefined for the first. */
export function applyAccountEntry(
  primitives: Primitives,
  state: AccountState | undefined,
  encoded: Uint8Array,
): Result<AccountState> {
  const decoded = decodeAccountEntry(encoded);
  if (!decoded.ok) return decoded;
  const entry = decoded.value;
  const hash = accountEntryHash(primitives, encoded);
  if (state === undefined) return begin(primitives, entry, hash);
  if (!bytesEqual(entry.account, state.accountId))
    return refuse('account', where, 'has entries of one account');
  if (entry.sequence !== state.head.sequence + 1)
    return refuse('sequence', where, 'has consecutive sequences');
  if (entry.sequence >= accountEntriesMax)
    return refuse('length', where, `has at most ${accountEntriesMax} entries`);
  if (!bytesEqual(entry.previous, state.head.hash))
    return refuse('previous', where, 'chains each entry to the hash of the one before');
  if (!entryIsSignedBy(primitives, entry, state.accountKey))
    return refuse('signature', where, 'is signed by the account key');
  const next = applyOp(state, entry.op);
  return next.ok ? accept({ ...next.value, head: { sequence: entry.sequence, hash } }) : next;
}

function begin(primitives: Primitives, entry: AccountEntry, hash: Uint8Array): Result<AccountState> {
  const zero = new Uint8Array(32);
  if (entry.op.kind !== 'create') return refuse('create', where, 'begins with a create entry');
  if (entry.sequence !== 0 || !bytesEqual(entry.previous, zero) || !bytesEqual(entry.account, zero)) {
    return refuse('create', where, 'begins with sequence 0 and zero in account and previous');
  }
  if (entry.timeMs !== 0)
    return refuse('create', where, 'has time 0 in create, so that the same words make the same account');
  const { address, accountKey } = entry.op;
  if (!entryIsSignedBy(primitives, entry, accountKey))
    return refuse('signature', where, 'is signed by the account key');
  const head = { sequence: 0, hash };
  const accountId = hash as AccountId;
  const state = { accountId, address, accountKey, devices: [], relays: [], head };
  return accept({ ...state, formerAddresses: [], formerRelays: [] });
}

function applyOp(state: AccountState, op: AccountOp): Result<AccountState> {
  switch (op.kind) {
    case 'create':
      return refuse('create', where, 'has one create entry, the first');
    case 'add-device': {
      if (findDevice(state, op.deviceKey) !== undefined)
        return refuse('device', where, 'adds each device key once');
      if (state.devices.filter((device) => !device.revoked).length >= devicesMax) {
        return refuse('devices', where, `has at most ${devicesMax} live devices`);
      }
      const { deviceKey, name, expiresMs } = op;
      const device = { deviceKey, name, expiresMs, addedBy: state.accountKey, revoked: false };
      return accept({ ...state, devices: [...state.devices, device] });
    }
    case 'revoke-device': {
      const found = findDevice(state, op.deviceKey);
      if (found === undefined || found.revoked) return refuse('device', where, 'revokes live devices only');
      const devices = state.devices.map((device) =>
        device === found ? { ...device, revoked: true } : device,
      );
      return accept({ ...state, devices });
    }
    case 'rotate-account-key':
      if (bytesEqual(op.accountKey, state.accountKey))
        return refuse('account-key', where, 'rotates to another key');
      return accept({ ...state, accountKey: op.accountKey });
    case 'move-address':
      if (op.address === state.address) return refuse('address', where, 'moves to another address');
      return accept({
        ...state,
        address: op.address,
        formerAddresses: [...state.formerAddresses, state.address],
      });
    case 'set-relays':
      return accept({ ...state, relays: op.relays, formerRelays: formerRelays(state, op.relays) });
  }
}

/** As many as matter: queues that were announced with older ones have long been read. */
const formerRelaysMax = 16;

function formerRelays(state: AccountState, relays: readonly PeerAddress[]): readonly PeerAddress[] {
  const isIn = (list: readonly PeerAddress[], { key }: PeerAddress): boolean =>
    list.some((peer) => bytesEqual(peer.key, key));
  const left = state.relays.filter(
    (relay, at) => !isIn(relays, relay) && !isIn(state.relays.slice(0, at), relay),
  );
  const before = state.formerRelays.filter((relay) => !isIn(relays, relay) && !isIn(left, relay));
  return [...left, ...before].slice(0, formerRelaysMax);
}

function findDevice(state: AccountState, deviceKey: Uint8Array): AccountDevice | undefined {
  return state.devices.find((device) => bytesEqual(device.deviceKey, deviceKey));
}

/** A device that the account has, has not revoked, and whose time is not over. */
export function liveDevice(
  state: AccountState,
  deviceKey: Uint8Array,
  nowMs: number,
): AccountDevice | undefined {
  return liveDevices(state, nowMs).find((device) => bytesEqual(device.deviceKey, deviceKey));
}

export function liveDevices(state: AccountState, nowMs: number): readonly AccountDevice[] {
  return state.devices.filter(
    (device) => !device.revoked && (device.expiresMs === 0 || device.expiresMs > nowMs),
  );
}

/** Verifies a whole log, first entry first. */
export function replayAccountLog(
  primitives: Primitives,
  entries: readonly Uint8Array[],
): Result<AccountState> {
  if (entries.length > accountEntriesMax)
    return refuse('length', where, `has at most ${accountEntriesMax} entries`);
  let state: AccountState | undefined;
  for (const entry of entries) {
    const next = applyAccountEntry(primitives, state, entry);
    if (!next.ok) return next;
    state = next.value;
  }
  return state === undefined ? refuse('empty', where, 'has at least its create entry') : accept(state);
}

export interface AppendedEntry {
  /** Encoded: goes to the end of the log. */
  readonly entry: Uint8Array;
  readonly state: AccountState;
}

/**
 * The first entry of an account: a function of address and key alone, so that a recovery phrase gives the same account
 * id on every device, with nobody to ask. Misuse (an address that is not canonical) throws.
 */
export function createAccount(
  primitives: Primitives,
  wish: { readonly address: string; readonly accountSeed: Uint8Array },
): AppendedEntry {
  const accountKey = primitives.ed25519PublicKey(wish.accountSeed) as AccountKey;
  const op: AccountOp = { kind: 'create', address: wish.address, accountKey };
  const zero = new Uint8Array(32);
  const statement = { account: zero as AccountId, sequence: 0, previous: zero, timeMs: 0, op };
  const entry = signAccountEntry(primitives, statement, wish.accountSeed);
  return { entry, state: unwrap(applyAccountEntry(primitives, undefined, entry)) };
}

/** What `appendToAccount` needs: `newAccountSeed` for `rotate-account-key` only. */
export interface AccountChange {
  readonly op: AccountOp;
  readonly timeMs: number;
  readonly accountSeed: Uint8Array;
  readonly newAccountSeed?: Uint8Array;
}

/** Signs the next entry. Refused as every reader of the log would refuse it. */
export function appendToAccount(
  primitives: Primitives,
  state: AccountState,
  change: AccountChange,
): Result<AppendedEntry> {
  const { accountId: account, head } = state;
  const statement = {
    account,
    sequence: head.sequence + 1,
    previous: head.hash,
    timeMs: change.timeMs,
    op: change.op,
  };
  const entry = signAccountEntry(primitives, statement, change.accountSeed, change.newAccountSeed);
  const next = applyAccountEntry(primitives, state, entry);
  return next.ok ? accept({ entry, state: next.value }) : next;
}

/** List of entries: u16 count, each a u16-vector. */
export function encodeAccountLog(entries: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter();
  writer.list(entries, (entry) => writer.vector16(entry));
  return writer.finish();
}

/** Splits an encoded log into its entries; `replayAccountLog` judges them. */
export function decodeAccountLog(bytes: Uint8Array): Result<readonly Uint8Array[]> {
  if (bytes.length > accountLogBytesMax)
    return refuse('length', where, `is at most ${accountLogBytesMax} bytes`);
  return decode(bytes, where, (reader) =>
    reader.list('entries', accountEntriesMax, () => reader.vector16('entry', accountEntryBytesMax)),
  );
}

/** How an offered log, verified by itself, stands to what is known. Only `same` and `extension` are taken. */
export type LogComparison = 'same' | 'extension' | 'rollback' | 'fork' | 'other-account';

export function compareAccountLogs(
  known: readonly Uint8Array[],
  offered: readonly Uint8Array[],
): LogComparison {
  const shared = Math.min(known.length, offered.length);
  for (let at = 0; at < shared; at += 1) {
    if (!bytesEqual(known[at] ?? new Uint8Array(), offered[at] ?? new Uint8Array())) {
      return at === 0 ? 'other-account' : 'fork';
    }
  }
  if (known.length === offered.length) return 'same';
  return known.length < offered.length ? 'extension' : 'rollback';
}

/** The same, against a head that somebody says they have seen. A log that is shorter than the head is `rollback`. */
export function compareWithHead(
  primitives: Primitives,
  head: AccountHead,
  offered: readonly Uint8Array[],
): Exclude<LogComparison, 'other-account'> {
  const entry = offered[head.sequence];
  if (entry === undefined) return 'rollback';
  if (!bytesEqual(accountEntryHash(primitives, entry), head.hash)) return 'fork';
  return offered.length - 1 === head.sequence ? 'same' : 'extension';
}
