// Account logs that hold and logs that do not, each with the rule it breaks: for tests and for vectors/generate.
import {
  accountEntryHash,
  concatBytes,
  encodeUtf8,
  signAccountEntry,
  type AccountId,
  type AccountKey,
  type AccountOp,
  type AccountState,
} from '@mycelium/protocol';
import { addDevice, append, device, nowMs, peer, person, primitives, seedOf, type Person } from './people.ts';

export const alice: Person = person('alice');
export const bob: Person = person('bob');

/** Signs an entry after `state` without asking whether it may stand there. */
export function forge(
  state: AccountState,
  op: AccountOp,
  seed: Uint8Array,
  changes: { readonly sequence?: number; readonly previous?: Uint8Array; readonly account?: AccountId } = {},
): Uint8Array {
  const statement = {
    account: state.accountId,
    sequence: state.head.sequence + 1,
    previous: state.head.hash,
    timeMs: nowMs,
    op,
    ...changes,
  };
  return signAccountEntry(primitives, statement, seed);
}

export interface LogCase {
  readonly why: string;
  readonly entries: readonly Uint8Array[];
}

export function logsThatHold(): readonly LogCase[] {
  const { log, state, accountSeed } = alice;
  const newSeed = seedOf('alice account, second');
  const newKey = primitives.ed25519PublicKey(newSeed) as AccountKey;
  const rotated = append(state, { kind: 'rotate-account-key', accountKey: newKey }, accountSeed, newSeed);
  const phone = append(rotated.state, addDevice('alice phone', 'Phone', nowMs + 1), newSeed);
  const revoked = append(phone.state, { kind: 'revoke-device', deviceKey: alice.deviceKey }, newSeed);
  const moved = append(revoked.state, { kind: 'move-address', address: 'alice@example.org' }, newSeed);
  const relays = [peer('relay'), peer('other', '2001:db8::1'), peer('other', '192.0.2.1')];
  const placed = append(moved.state, { kind: 'set-relays', relays }, newSeed);
  const replaced = append(
    placed.state,
    { kind: 'set-relays', relays: [peer('third'), peer('other')] },
    newSeed,
  );
  const back = append(
    replaced.state,
    { kind: 'set-relays', relays: [peer('relay'), peer('third')] },
    newSeed,
  );
  return [
    { why: 'create alone', entries: log.slice(0, 1) },
    { why: 'one device and one relay', entries: log },
    {
      why: 'every operation',
      entries: [...log, ...[rotated, phone, revoked, moved, placed].map((one) => one.entry)],
    },
    {
      why: 'relays that are left, and one that comes back',
      entries: [...log, ...[rotated, phone, revoked, moved, placed, replaced, back].map((one) => one.entry)],
    },
  ];
}

export function logsThatDoNot(): readonly LogCase[] {
  const { log, state, accountSeed } = alice;
  const [create = new Uint8Array(), second = new Uint8Array(), third = new Uint8Array()] = log;
  const laptop: AccountOp = { kind: 'revoke-device', deviceKey: alice.deviceKey };
  const phone = addDevice('alice phone', 'Phone');
  const after = (entry: Uint8Array): readonly Uint8Array[] => [...log, entry];
  const revoked = append(state, laptop, accountSeed);
  const changed = third.slice();
  changed[90] = (changed[90] ?? 0) ^ 1;
  const newSeed = seedOf('alice account, second');
  const rotation: AccountOp = {
    kind: 'rotate-account-key',
    accountKey: primitives.ed25519PublicKey(newSeed) as AccountKey,
  };
  const zero = new Uint8Array(32);
  const begin = (op: AccountOp, seed: Uint8Array): Uint8Array =>
    signAccountEntry(
      primitives,
      { account: zero as AccountId, sequence: 0, previous: zero, timeMs: 0, op },
      seed,
    );
  const identityKey = Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 1 : 0)) as AccountKey;
  let crowded = state;
  const crowd: Uint8Array[] = [...log];
  for (let count = 1; count < 16; count += 1) {
    const next = append(crowded, addDevice(`crowd ${count}`, 'One'), accountSeed);
    crowded = next.state;
    crowd.push(next.entry);
  }
  return [
    { why: 'empty log', entries: [] },
    { why: 'does not begin with create', entries: [second] },
    { why: 'an entry is missing', entries: [create, third] },
    { why: 'two entries changed places', entries: [create, third, second] },
    { why: 'an entry twice', entries: [create, second, second] },
    {
      why: 'second create',
      entries: after(
        forge(
          state,
          { kind: 'create', address: 'alice@example.com', accountKey: state.accountKey },
          accountSeed,
        ),
      ),
    },
    {
      why: 'create with a sequence',
      entries: [
        signAccountEntry(
          primitives,
          {
            account: zero as AccountId,
            sequence: 1,
            previous: zero,
            timeMs: 0,
            op: { kind: 'create', address: 'a@b', accountKey: state.accountKey },
          },
          accountSeed,
        ),
      ],
    },
    {
      why: 'create with a time',
      entries: [
        signAccountEntry(
          primitives,
          {
            account: zero as AccountId,
            sequence: 0,
            previous: zero,
            timeMs: nowMs,
            op: { kind: 'create', address: 'alice@example.com', accountKey: state.accountKey },
          },
          accountSeed,
        ),
      ],
    },
    {
      why: 'create signed by another key',
      entries: [
        begin(
          { kind: 'create', address: 'alice@example.com', accountKey: state.accountKey },
          bob.accountSeed,
        ),
      ],
    },
    {
      why: 'create with a small-order account key',
      entries: [
        begin({ kind: 'create', address: 'alice@example.com', accountKey: identityKey }, accountSeed),
      ],
    },
    {
      why: 'create with an address that is not canonical',
      entries: [
        begin({ kind: 'create', address: 'Alice@example.com', accountKey: state.accountKey }, accountSeed),
      ],
    },
    {
      why: 'entry of another account',
      entries: after(forge(state, phone, accountSeed, { account: bob.state.accountId })),
    },
    { why: 'sequence skips one', entries: after(forge(state, phone, accountSeed, { sequence: 4 })) },
    {
      why: 'previous is the hash of another entry',
      entries: after(forge(state, phone, accountSeed, { previous: accountEntryHash(primitives, second) })),
    },
    { why: 'signed by a device key', entries: after(forge(state, phone, alice.deviceSeed)) },
    {
      why: 'signed by the account key of somebody else',
      entries: after(forge(state, phone, bob.accountSeed)),
    },
    { why: 'one bit of an entry changed', entries: [create, second, changed] },
    {
      why: 'device added twice',
      entries: after(forge(state, addDevice('alice laptop', 'Laptop'), accountSeed)),
    },
    {
      why: 'revoked device added again',
      entries: [
        ...log,
        revoked.entry,
        forge(revoked.state, addDevice('alice laptop', 'Laptop'), accountSeed),
      ],
    },
    { why: 'seventeenth live device', entries: [...crowd, forge(crowded, phone, accountSeed)] },
    {
      why: 'revoked device that was never added',
      entries: after(forge(state, { kind: 'revoke-device', deviceKey: device('nobody').key }, accountSeed)),
    },
    {
      why: 'device revoked twice',
      entries: [...log, revoked.entry, forge(revoked.state, laptop, accountSeed)],
    },
    {
      why: 'rotation that the new key did not sign',
      entries: after(
        signAccountEntry(
          primitives,
          { account: state.accountId, sequence: 3, previous: state.head.hash, timeMs: nowMs, op: rotation },
          accountSeed,
          accountSeed,
        ),
      ),
    },
    { why: 'rotation with one signature', entries: after(forge(state, rotation, accountSeed)) },
    {
      why: 'rotation to the same key',
      entries: after(
        signAccountEntry(
          primitives,
          {
            account: state.accountId,
            sequence: 3,
            previous: state.head.hash,
            timeMs: nowMs,
            op: { ...rotation, accountKey: state.accountKey },
          },
          accountSeed,
          accountSeed,
        ),
      ),
    },
    {
      why: 'move to the same address',
      entries: after(forge(state, { kind: 'move-address', address: state.address }, accountSeed)),
    },
    {
      why: 'the same relay twice',
      entries: after(
        forge(state, { kind: 'set-relays', relays: [peer('relay'), peer('relay')] }, accountSeed),
      ),
    },
    {
      why: 'nine relays',
      entries: after(
        forge(
          state,
          { kind: 'set-relays', relays: Array.from({ length: 9 }, (_, at) => peer(`relay ${at}`)) },
          accountSeed,
        ),
      ),
    },
    { why: 'a byte after the signature', entries: [concatBytes(create, Uint8Array.of(0))] },
    { why: 'cut off', entries: [create.slice(0, -1)] },
    { why: 'version 2', entries: [Uint8Array.from(create, (byte, at) => (at === 0 ? 2 : byte))] },
    { why: 'unknown operation', entries: [Uint8Array.from(create, (byte, at) => (at === 81 ? 7 : byte))] },
    { why: 'no entry at all, only text', entries: [encodeUtf8('create')] },
  ];
}
