import {
  bytesToHex,
  decodeMembershipOperation,
  hexToBytes,
  pairConversationId,
  replayMembership,
  unwrap,
  type AccountId,
} from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { primitives } from '../identity/people.ts';
import { ownVectors } from '../vector-files.ts';

interface Vectors {
  readonly pairs: readonly { readonly accounts: readonly [string, string]; readonly conversation: string }[];
  readonly operations: readonly { readonly bytes: string; readonly id: string; readonly kind: string }[];
  readonly refused: readonly {
    readonly why: string;
    readonly bytes: string;
    readonly refusal: { readonly where: string; readonly code: string };
  }[];
  readonly replays: readonly {
    readonly about: string;
    readonly operations: readonly string[];
    readonly title: string;
    readonly members: readonly { readonly account: string; readonly role: string }[];
  }[];
}

const vectors = ownVectors('membership.json') as Vectors;
const bytesOf = (hex: string): Uint8Array => hexToBytes(hex) ?? new Uint8Array();

test('ids of pairs', () => {
  for (const { accounts, conversation } of vectors.pairs) {
    const [one, other] = accounts.map((account) => bytesOf(account) as AccountId);
    expect(bytesToHex(pairConversationId(primitives, one!, other!))).toBe(conversation);
  }
});

test('operations that hold, and those that do not', () => {
  for (const { bytes, id, kind } of vectors.operations) {
    const operation = unwrap(decodeMembershipOperation(primitives, bytesOf(bytes)));
    expect(bytesToHex(operation.id)).toBe(id);
    expect(operation.op.kind).toBe(kind);
  }
  for (const { why, bytes, refusal } of vectors.refused) {
    const result = decodeMembershipOperation(primitives, bytesOf(bytes));
    expect(result.ok, why).toBe(false);
    if (!result.ok) expect({ where: result.refusal.where, code: result.refusal.code }, why).toEqual(refusal);
  }
});

test('replays, forwards and backwards', () => {
  for (const { about, operations, title, members } of vectors.replays) {
    const decoded = operations.map((bytes) => unwrap(decodeMembershipOperation(primitives, bytesOf(bytes))));
    for (const order of [decoded, decoded.toReversed()]) {
      const state = replayMembership(order);
      const found = [...state.members.values()].map(({ account, role }) => ({
        account: bytesToHex(account),
        role,
      }));
      expect(
        found.toSorted((left, right) => (left.account < right.account ? -1 : 1)),
        about,
      ).toEqual(members);
      expect(state.title, about).toBe(title);
    }
  }
});
