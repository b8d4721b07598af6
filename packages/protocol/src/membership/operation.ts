/**
 * One operation of a membership log: its bytes, its id and its signature (spec/membership.md, "Operations"). Whether
 * it is allowed where it stands is replay.ts; whether the device may speak for the account only the account log tells.
 *
 * | field | size |
 * |---|---|
 * | version | u8, 1 |
 * | conversation | 32; zero in a `create` of a group, whose id is the hash of that very operation |
 * | author, device | 32, 32 |
 * | previous | u8 count, each 32: ids of the newest operations that the author knew, ascending; none in `create` |
 * | time | u64, ms: the author's clock, for people only |
 * | op | u8 and body |
 * | signature | 64, by the device |
 */
import type { AccountId, ConversationId, DeviceKey } from '../brands.ts';
import { compareBytes, concatBytes } from '../bytes/compare.ts';
import { decode, type ByteReader } from '../bytes/reader.ts';
import { ByteWriter, encodeUtf8 } from '../bytes/writer.ts';
import { memberRoles, membershipOps } from '../codes.ts';
import { refuse, type Result } from '../errors.ts';
import { sign, verifySignature } from '../identity/signed.ts';
import {
  membershipFoundersMax,
  membershipOperationBytesMax,
  membershipPreviousMax,
  membershipTitleBytesMax,
} from '../limits.ts';
import type { Primitives } from '../primitives.ts';

export type MemberRole = keyof typeof memberRoles;

export interface ConversationPolicy {
  /** `pair`: two members for ever, nothing but their info changes. */
  readonly form: 'pair' | 'group';
  /** The least role that may add members. */
  readonly adds: MemberRole;
  /** Messages before joining that a new member is given: how long back, ms; 0: none. */
  readonly historyMs: number;
  /** Messages go away after this time, ms; 0: they stay. */
  readonly disappearingMs: number;
}

export interface Founder {
  readonly account: AccountId;
  readonly role: MemberRole;
}

export type MembershipOp =
  /** The author is the first founder. A pair has two, both owners. */
  | { readonly kind: 'create'; readonly policy: ConversationPolicy; readonly founders: readonly Founder[] }
  | { readonly kind: 'add'; readonly account: AccountId; readonly role: MemberRole }
  /** Of oneself: leaving. */
  | { readonly kind: 'remove'; readonly account: AccountId }
  | { readonly kind: 'set-role'; readonly account: AccountId; readonly role: MemberRole }
  | { readonly kind: 'set-info'; readonly title: string }
  | { readonly kind: 'set-policy'; readonly policy: ConversationPolicy };

export interface MembershipStatement {
  readonly conversation: ConversationId;
  readonly author: AccountId;
  readonly device: DeviceKey;
  readonly previous: readonly Uint8Array[];
  readonly timeMs: number;
  readonly op: MembershipOp;
}

export interface MembershipOperation extends MembershipStatement {
  /** 32 bytes: hash of everything but the signature. */
  readonly id: Uint8Array;
  readonly signature: Uint8Array;
  /** What the signature covers. */
  readonly signed: Uint8Array;
}

const context = 'mycelium membership 1';
const formCodes = { pair: 1, group: 2 } as const;
const rolesByCode: ReadonlyMap<number, MemberRole> = new Map(
  (Object.keys(memberRoles) as MemberRole[]).map((role) => [memberRoles[role], role]),
);

/** Encoded, signed by the device. `previous` is put in order. */
export function signMembershipOperation(
  primitives: Primitives,
  statement: MembershipStatement,
  deviceSeed: Uint8Array,
): Uint8Array {
  const signed = encodeStatement(statement);
  return concatBytes(signed, sign(primitives, { context, seed: deviceSeed }, signed));
}

export function decodeMembershipOperation(
  primitives: Primitives,
  bytes: Uint8Array,
): Result<MembershipOperation> {
  const where = 'membership-operation';
  if (bytes.length > membershipOperationBytesMax) {
    return refuse('length', where, `is at most ${membershipOperationBytesMax} bytes`);
  }
  const decoded = decode(bytes, where, (reader) => {
    if (reader.u8('version') !== 1) reader.refuse('version', 'version', 'is 1');
    const conversation = reader.bytes('conversation', 32) as ConversationId;
    const author = reader.bytes('author', 32) as AccountId;
    const device = reader.bytes('device', 32) as DeviceKey;
    const previous = readPrevious(reader);
    const timeMs = reader.count('time');
    const op = readOp(reader);
    if ((op.kind === 'create') !== (previous.length === 0)) {
      reader.refuse('previous', 'previous', 'is empty in create and nowhere else');
    }
    const signed = bytes.slice(0, bytes.length - reader.left);
    const signature = reader.bytes('signature', 64);
    const id = primitives.sha256(encodeUtf8('mycelium membership hash 1\0'), signed);
    return { conversation, author, device, previous, timeMs, op, id, signature, signed };
  });
  if (!decoded.ok) return decoded;
  const { device, signed, signature } = decoded.value;
  return verifySignature(primitives, { context, publicKey: device }, signed, signature)
    ? decoded
    : refuse('signature', `${where}.signature`, 'is by the device that it names');
}

function encodeStatement(statement: MembershipStatement): Uint8Array {
  const writer = new ByteWriter(256).u8(1).bytes(statement.conversation, 32);
  writer.bytes(statement.author, 32).bytes(statement.device, 32).u8(statement.previous.length);
  for (const id of statement.previous.toSorted(compareBytes)) writer.bytes(id, 32);
  writer.count(statement.timeMs);
  writeOp(writer, statement.op);
  return writer.finish();
}

function readPrevious(reader: ByteReader): readonly Uint8Array[] {
  const count = reader.u8('previous');
  if (count > membershipPreviousMax) {
    reader.refuse('previous', 'length', `has at most ${membershipPreviousMax} elements`);
  }
  const previous = Array.from({ length: count }, () => reader.bytes('previous', 32));
  const ascending = previous.every((id, at) => at === 0 || compareBytes(previous[at - 1] ?? id, id) < 0);
  if (!ascending) reader.refuse('previous', 'order', 'is in ascending order, each once');
  return previous;
}

function writeOp(writer: ByteWriter, op: MembershipOp): void {
  writer.u8(membershipOps[op.kind]);
  switch (op.kind) {
    case 'create':
      writePolicy(writer, op.policy);
      writer.u8(op.founders.length);
      for (const founder of op.founders) writer.bytes(founder.account, 32).u8(memberRoles[founder.role]);
      return;
    case 'add':
    case 'set-role':
      writer.bytes(op.account, 32).u8(memberRoles[op.role]);
      return;
    case 'remove':
      writer.bytes(op.account, 32);
      return;
    case 'set-info':
      writer.text(op.title);
      return;
    case 'set-policy':
      writePolicy(writer, op.policy);
  }
}

function readOp(reader: ByteReader): MembershipOp {
  const code = reader.u8('op');
  switch (code) {
    case membershipOps.create:
      return readCreate(reader);
    case membershipOps.add:
      return { kind: 'add', account: readAccount(reader), role: readRole(reader) };
    case membershipOps.remove:
      return { kind: 'remove', account: readAccount(reader) };
    case membershipOps['set-role']:
      return { kind: 'set-role', account: readAccount(reader), role: readRole(reader) };
    case membershipOps['set-info']:
      return { kind: 'set-info', title: reader.text('op.title', membershipTitleBytesMax) };
    case membershipOps['set-policy']:
      return { kind: 'set-policy', policy: readPolicy(reader) };
    default:
      return reader.refuse('op', 'unknown', 'is 1 to 6');
  }
}

function readCreate(reader: ByteReader): MembershipOp {
  const policy = readPolicy(reader);
  const count = reader.u8('op.founders');
  if (count === 0 || count > membershipFoundersMax) {
    reader.refuse('op.founders', 'length', `has 1 to ${membershipFoundersMax} elements`);
  }
  const founders = Array.from({ length: count }, () => ({
    account: readAccount(reader),
    role: readRole(reader),
  }));
  if (new Set(founders.map(({ account }) => account.join())).size !== count) {
    reader.refuse('op.founders', 'duplicate', 'names each account once');
  }
  if (founders[0]?.role !== 'owner') reader.refuse('op.founders', 'role', 'begins with an owner');
  if (policy.form === 'pair' && (count !== 2 || founders[1]?.role !== 'owner')) {
    reader.refuse('op.founders', 'pair', 'of a pair are two owners');
  }
  return { kind: 'create', policy, founders };
}

function readAccount(reader: ByteReader): AccountId {
  return reader.bytes('op.account', 32) as AccountId;
}

function readRole(reader: ByteReader): MemberRole {
  const role = rolesByCode.get(reader.u8('op.role'));
  return role ?? reader.refuse('op.role', 'unknown', 'is 1 (reader) to 4 (owner)');
}

function writePolicy(writer: ByteWriter, policy: ConversationPolicy): void {
  writer.u8(formCodes[policy.form]).u8(memberRoles[policy.adds]);
  writer.count(policy.historyMs).count(policy.disappearingMs);
}

function readPolicy(reader: ByteReader): ConversationPolicy {
  const form = reader.u8('policy.form');
  if (form !== formCodes.pair && form !== formCodes.group) {
    reader.refuse('policy.form', 'unknown', 'is 1 (pair) or 2 (group)');
  }
  return {
    form: form === formCodes.pair ? 'pair' : 'group',
    adds: readRole(reader),
    historyMs: reader.count('policy.history'),
    disappearingMs: reader.count('policy.disappearing'),
  };
}
