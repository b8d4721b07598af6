// vectors/membership.json: operations and their replay (spec/membership.md).
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
  type MembershipOp,
  type MembershipOperation,
} from '@mycelium/protocol';
import { primitives } from '../../packages/protocol/test/identity/people.ts';
import { plain, refusalOf } from './form/plain.ts';

const names = ['alice', 'bob', 'carol', 'mallory'];
const seedOf = (name: string): Uint8Array => new Uint8Array(32).fill(names.indexOf(name) + 1);
const account = (name: string): AccountId => new Uint8Array(32).fill(names.indexOf(name) + 101) as AccountId;
const conversation = new Uint8Array(32).fill(9) as ConversationId;
const group: ConversationPolicy = { form: 'group', adds: 'admin', historyMs: 0, disappearingMs: 86_400_000 };

interface Said {
  readonly bytes: Uint8Array;
  readonly operation: MembershipOperation;
}

function say(name: string, op: MembershipOp, known: readonly Said[]): Said {
  const device = primitives.ed25519PublicKey(seedOf(name)) as DeviceKey;
  const previous = op.kind === 'create' ? [] : membershipHeads(known.map(({ operation }) => operation));
  const statement = { conversation, author: account(name), device, previous, timeMs: known.length, op };
  const bytes = signMembershipOperation(primitives, statement, seedOf(name));
  return { bytes, operation: unwrap(decodeMembershipOperation(primitives, bytes)) };
}

const founders = [{ account: account('alice'), role: 'owner' as const }];
const create = say('alice', { kind: 'create', policy: group, founders }, []);
const addBob = say('alice', { kind: 'add', account: account('bob'), role: 'admin' }, [create]);
const addCarol = say('alice', { kind: 'add', account: account('carol'), role: 'admin' }, [create, addBob]);
const three = [create, addBob, addCarol];
const title = say('bob', { kind: 'set-info', title: 'Mushrooms' }, three);
const demoted = say('alice', { kind: 'set-role', account: account('bob'), role: 'reader' }, three);
const bobOut = say('carol', { kind: 'remove', account: account('bob') }, three);
const carolOut = say('bob', { kind: 'remove', account: account('carol') }, three);
const smuggled = say('bob', { kind: 'add', account: account('mallory'), role: 'member' }, three);
const usurped = say('mallory', { kind: 'add', account: account('mallory'), role: 'owner' }, three);
const policy = say('alice', { kind: 'set-policy', policy: { ...group, adds: 'member' } }, three);

const logs: readonly { readonly about: string; readonly operations: readonly Said[] }[] = [
  { about: 'one after the other', operations: [...three, title] },
  { about: 'an operation that lacks what it follows waits', operations: [create, addCarol] },
  { about: 'who is removed loses what they did at the same time', operations: [...three, smuggled, bobOut] },
  { about: 'two of one rank remove each other: the senior stays', operations: [...three, bobOut, carolOut] },
  {
    about: 'who is set below loses what they did at the same time',
    operations: [...three, demoted, carolOut],
  },
  { about: 'without authority nothing happens', operations: [...three, usurped] },
  { about: 'a policy changes', operations: [...three, policy] },
];

function replayVector({ about, operations }: (typeof logs)[number]): object {
  const state = replayMembership(operations.map(({ operation }) => operation));
  const members = [...state.members.values()]
    .map((member) => ({ account: bytesToHex(member.account), role: member.role }))
    .toSorted((left, right) => (left.account < right.account ? -1 : 1));
  return { about, operations: operations.map(({ bytes }) => plain(bytes)), title: state.title, members };
}

const flip = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

export function generate(): object {
  const bad = [
    { why: 'another version', bytes: flip(create.bytes, 0) },
    { why: 'signature changed', bytes: flip(create.bytes, create.bytes.length - 1) },
    { why: 'author changed', bytes: flip(addBob.bytes, 33) },
    { why: 'create that follows something', bytes: flip(create.bytes, 97) },
    { why: 'cut off', bytes: addBob.bytes.slice(0, -1) },
    { why: 'one byte too many', bytes: new Uint8Array([...addBob.bytes, 0]) },
    { why: 'longer than 4,096 bytes', bytes: new Uint8Array(4_097) },
    { why: 'empty', bytes: new Uint8Array() },
  ];
  return {
    pairs: [['alice', 'bob'] as const, ['bob', 'alice'] as const].map(([one, other]) => ({
      accounts: [plain(account(one)), plain(account(other))],
      conversation: plain(pairConversationId(primitives, account(one), account(other))),
    })),
    operations: [...three, title, demoted, bobOut, policy].map(({ bytes, operation }) => ({
      bytes: plain(bytes),
      id: plain(operation.id),
      kind: operation.op.kind,
    })),
    refused: bad.map(({ why, bytes }) => ({
      why,
      bytes: plain(bytes),
      refusal: refusalOf(decodeMembershipOperation(primitives, bytes)),
    })),
    replays: logs.map(replayVector),
  };
}
