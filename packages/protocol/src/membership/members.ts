/** Who is in a conversation, and what one operation does to that (spec/membership.md, "Authority"). */
import type { AccountId } from '../brands.ts';
import { bytesToHex } from '../bytes/compare.ts';
import { memberRoles } from '../codes.ts';
import type { ConversationPolicy, MemberRole, MembershipOperation } from './operation.ts';

export interface Member {
  readonly account: AccountId;
  readonly role: MemberRole;
  /** Since when: place in the order of replay, the smaller the more senior. */
  readonly seniority: number;
}

export interface Membership {
  /** Undefined before `create`. */
  readonly policy: ConversationPolicy | undefined;
  readonly title: string;
  /** By account id in hexadecimal. */
  readonly members: ReadonlyMap<string, Member>;
}

export const noMembership: Membership = { policy: undefined, title: '', members: new Map() };

export function rankOf(membership: Membership, account: AccountId): number {
  const member = membership.members.get(bytesToHex(account));
  return member === undefined ? 0 : memberRoles[member.role];
}

/** Whether the author may do this where the others are as `membership` says. */
export function isAllowed(membership: Membership, operation: MembershipOperation): boolean {
  const { op, author } = operation;
  if (op.kind === 'create') return isFounding(membership, operation);
  if (membership.policy === undefined) return false;
  const rank = rankOf(membership, author);
  if (rank === 0) return false;
  if (membership.policy.form === 'pair') return op.kind === 'set-info';
  switch (op.kind) {
    case 'add':
      return (
        rank >= memberRoles[membership.policy.adds] &&
        rank >= memberRoles[op.role] &&
        rankOf(membership, op.account) === 0
      );
    case 'remove':
      return isSelf(op.account, author) || mayActOn(membership, rank, op.account);
    case 'set-role':
      return mayActOn(membership, rank, op.account) && rank >= memberRoles[op.role];
    case 'set-info':
      return rank >= memberRoles.admin;
    case 'set-policy':
      return rank >= memberRoles.admin && op.policy.form === 'group';
  }
}

/** In a pair the other one's `create` says the same; in a group there is one. */
function isFounding(membership: Membership, { op, author }: MembershipOperation): boolean {
  if (op.kind !== 'create' || !isSelf(op.founders[0]?.account ?? author, author)) return false;
  if (membership.policy === undefined) return true;
  return membership.policy.form === 'pair' && op.policy.form === 'pair';
}

function mayActOn(membership: Membership, rank: number, account: AccountId): boolean {
  const target = rankOf(membership, account);
  return target > 0 && rank >= memberRoles.admin && rank >= target;
}

function isSelf(account: AccountId, author: AccountId): boolean {
  return bytesToHex(account) === bytesToHex(author);
}

/** What an allowed operation leaves; `place` is its number in the order of replay. */
export function applyOperation(
  membership: Membership,
  operation: MembershipOperation,
  place: number,
): Membership {
  const { op } = operation;
  const members = new Map(membership.members);
  switch (op.kind) {
    case 'create':
      if (membership.policy !== undefined) return membership;
      for (const [at, { account, role }] of op.founders.entries()) {
        members.set(bytesToHex(account), { account, role, seniority: place + at / 1_000 });
      }
      return { ...membership, policy: op.policy, members };
    case 'add':
      members.set(bytesToHex(op.account), { account: op.account, role: op.role, seniority: place });
      return { ...membership, members };
    case 'remove':
      members.delete(bytesToHex(op.account));
      return { ...membership, members };
    case 'set-role': {
      const member = members.get(bytesToHex(op.account));
      if (member !== undefined) members.set(bytesToHex(op.account), { ...member, role: op.role });
      return { ...membership, members };
    }
    case 'set-info':
      return { ...membership, title: op.title };
    case 'set-policy':
      return { ...membership, policy: op.policy };
  }
}
