import { createPrimitives } from '@mycelium/node';
import {
  bytesToHex,
  decodeMembershipOperation,
  membershipHeads,
  pairConversationId,
  replayMembership,
  signMembershipOperation,
  unwrap,
  type AccountId,
  type ConversationId,
  type ConversationPolicy,
  type DeviceKey,
  type Membership,
  type MembershipOp,
  type MembershipOperation,
} from '@mycelium/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const primitives = createPrimitives();
const group: ConversationPolicy = { form: 'group', adds: 'admin', historyMs: 0, disappearingMs: 0 };
const pair: ConversationPolicy = { ...group, form: 'pair' };
const names = ['alice', 'bob', 'carol', 'dave', 'mallory'] as const;
type Name = (typeof names)[number];

const seedOf = (name: Name): Uint8Array => new Uint8Array(32).fill(names.indexOf(name) + 1);
const account = (name: Name): AccountId => new Uint8Array(32).fill(names.indexOf(name) + 101) as AccountId;
const conversation = new Uint8Array(32).fill(9) as ConversationId;

/** What `name` does who knows `known`. */
function act(
  name: Name,
  op: MembershipOp,
  known: readonly MembershipOperation[],
  timeMs = 0,
): MembershipOperation {
  const device = primitives.ed25519PublicKey(seedOf(name)) as DeviceKey;
  const previous = op.kind === 'create' ? [] : membershipHeads(known);
  const statement = { conversation, author: account(name), device, previous, timeMs, op };
  return unwrap(
    decodeMembershipOperation(primitives, signMembershipOperation(primitives, statement, seedOf(name))),
  );
}

function roles(membership: Membership): Partial<Record<Name, string>> {
  const found = names.flatMap((name) => {
    const member = membership.members.get(bytesToHex(account(name)));
    return member === undefined ? [] : [[name, member.role] as const];
  });
  return Object.fromEntries(found);
}

const create = act(
  'alice',
  { kind: 'create', policy: group, founders: [{ account: account('alice'), role: 'owner' }] },
  [],
);
const addBob = act('alice', { kind: 'add', account: account('bob'), role: 'admin' }, [create]);
const addCarol = act('alice', { kind: 'add', account: account('carol'), role: 'admin' }, [create, addBob]);
const three = [create, addBob, addCarol];

test('Operations that follow one another act in that order', () => {
  const remove = act('bob', { kind: 'remove', account: account('carol') }, three);
  const title = act('bob', { kind: 'set-info', title: 'Mushrooms' }, [...three, remove]);
  const state = replayMembership([title, remove, ...three]);
  expect(roles(state)).toEqual({ alice: 'owner', bob: 'admin' });
  expect(state.title).toBe('Mushrooms');
});

test('Who is removed loses what they did at the same time', () => {
  const remove = act('alice', { kind: 'remove', account: account('bob') }, three);
  const smuggled = act('bob', { kind: 'add', account: account('mallory'), role: 'member' }, three);
  expect(roles(replayMembership([...three, smuggled, remove]))).toEqual({ alice: 'owner', carol: 'admin' });
});

test('Two of one rank remove each other: the senior stays', () => {
  const byBob = act('bob', { kind: 'remove', account: account('carol') }, three);
  const byCarol = act('carol', { kind: 'remove', account: account('bob') }, three);
  expect(roles(replayMembership([...three, byCarol, byBob]))).toEqual({ alice: 'owner', bob: 'admin' });
});

test('The junior removes the senior, who at that moment removes a third: the removal of the senior wins', () => {
  const addDave = act('alice', { kind: 'add', account: account('dave'), role: 'member' }, three);
  const four = [...three, addDave];
  const byBob = act('bob', { kind: 'remove', account: account('dave') }, four);
  const byCarol = act('carol', { kind: 'remove', account: account('bob') }, four);
  expect(roles(replayMembership([...four, byBob, byCarol]))).toEqual({
    alice: 'owner',
    carol: 'admin',
    dave: 'member',
  });
});

test('Without authority nothing happens', () => {
  const addDave = act('alice', { kind: 'add', account: account('dave'), role: 'member' }, three);
  const four = [...three, addDave];
  const strangers = [
    act('mallory', { kind: 'add', account: account('mallory'), role: 'owner' }, four),
    act(
      'mallory',
      { kind: 'create', policy: group, founders: [{ account: account('alice'), role: 'owner' }] },
      [],
    ),
    act('dave', { kind: 'add', account: account('mallory'), role: 'member' }, four),
    act('dave', { kind: 'set-role', account: account('dave'), role: 'owner' }, four),
    act('bob', { kind: 'remove', account: account('alice') }, four),
    act('bob', { kind: 'set-role', account: account('bob'), role: 'owner' }, four),
  ];
  const before = roles(replayMembership(four));
  for (const stranger of strangers) expect(roles(replayMembership([...four, stranger]))).toEqual(before);
});

test('Anybody may leave', () => {
  const leave = act('carol', { kind: 'remove', account: account('carol') }, three);
  expect(roles(replayMembership([...three, leave]))).toEqual({ alice: 'owner', bob: 'admin' });
});

test('A pair: both create it, neither adds or removes, and its id is the same from both sides', () => {
  const both = (first: Name, second: Name) =>
    [first, second].map((name) => ({ account: account(name as Name), role: 'owner' as const }));
  const byAlice = act('alice', { kind: 'create', policy: pair, founders: both('alice', 'bob') }, []);
  const byBob = act('bob', { kind: 'create', policy: pair, founders: both('bob', 'alice') }, []);
  const wish = act('alice', { kind: 'add', account: account('mallory'), role: 'member' }, [byAlice]);
  const out = act('alice', { kind: 'remove', account: account('bob') }, [byAlice, byBob]);
  expect(roles(replayMembership([byBob, wish, out, byAlice]))).toEqual({ alice: 'owner', bob: 'owner' });
  expect(pairConversationId(primitives, account('alice'), account('bob'))).toEqual(
    pairConversationId(primitives, account('bob'), account('alice')),
  );
});

test('What lacks something that it follows waits', () => {
  const remove = act('bob', { kind: 'remove', account: account('carol') }, three);
  expect(roles(replayMembership([create, remove]))).toEqual({ alice: 'owner' });
  expect(roles(replayMembership([remove, addCarol, create, addBob]))).toEqual({
    alice: 'owner',
    bob: 'admin',
  });
});

const ops = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    account: fc.constantFrom(...names).map(account),
    role: fc.constantFrom('reader' as const, 'member' as const, 'admin' as const),
  }),
  fc.record({ kind: fc.constant('remove' as const), account: fc.constantFrom(...names).map(account) }),
  fc.record({
    kind: fc.constant('set-role' as const),
    account: fc.constantFrom(...names).map(account),
    role: fc.constantFrom('reader' as const, 'member' as const, 'admin' as const, 'owner' as const),
  }),
  fc.record({ kind: fc.constant('set-info' as const), title: fc.string({ maxLength: 5 }) }),
);

test('Any order and any repetition of the same operations leads to the same members', () => {
  const steps = fc.array(fc.record({ who: fc.constantFrom(...names), op: ops, knows: fc.nat() }), {
    maxLength: 14,
  });
  fc.assert(
    fc.property(steps, fc.infiniteStream(fc.nat()), (wished, numbers) => {
      const all: MembershipOperation[] = [...three];
      for (const [at, { who, op, knows }] of wished.entries()) {
        // A causally closed part of what there is: everything up to some operation.
        const known = all.slice(0, 3 + (knows % (all.length - 2)));
        all.push(act(who, op, known, at));
      }
      const expected = replayMembership(all);
      const shuffled = [...all, ...all.slice(0, 3)]
        .map((operation) => ({ operation, at: numbers.next().value ?? 0 }))
        .toSorted((left, right) => left.at - right.at)
        .map(({ operation }) => operation);
      const state = replayMembership(shuffled);
      expect(roles(state)).toEqual(roles(expected));
      expect(state.title).toBe(expected.title);
    }),
    { numRuns: 60 },
  );
});

test('Decoding any bytes refuses and never throws; a changed byte is refused', () => {
  const encoded = signMembershipOperation(primitives, addBob, seedOf('alice'));
  for (let at = 0; at < encoded.length; at += 1) {
    const changed = encoded.map((byte, index) => (index === at ? byte ^ 1 : byte));
    expect(decodeMembershipOperation(primitives, changed).ok).toBe(false);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(decodeMembershipOperation(primitives, bytes).ok).toBe(false);
    }),
    { numRuns: 200 },
  );
});
