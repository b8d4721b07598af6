/**
 * A membership log replayed to the same state in whatever order its operations came (spec/membership.md, "Replay"). Pure: a set of
 * operations in, who is a member out.
 *
 * Operations that follow one another act in that order. Those that know nothing of each other (concurrent) act so:
 * - who is removed, or set below the rank that an act needs, loses what they did concurrently with that;
 * - of two concurrent acts that undo each other, the higher rank's stands, then the senior's, then that of the smaller id.
 * An operation without authority, judged by what its author could have known, is nothing.
 */
import { bytesToHex, compareBytes } from '../bytes/compare.ts';
import { applyOperation, isAllowed, noMembership, rankOf, type Membership } from './members.ts';
import type { MembershipOperation } from './operation.ts';

interface Placed {
  readonly operation: MembershipOperation;
  readonly id: string;
  /** Ids of everything that its author knew. */
  readonly ancestors: ReadonlySet<string>;
  /** Longest way back to a `create`. */
  readonly depth: number;
}

interface Weighed extends Placed {
  /** Rank and seniority of the author in what they knew. */
  readonly rank: number;
  readonly seniority: number;
}

/** Operations that lack one that they follow wait, and are not counted. */
export function replayMembership(operations: Iterable<MembershipOperation>): Membership {
  const placed = place(operations);
  const weighed: Weighed[] = [];
  for (const one of placed) {
    const known = weighed.filter(({ id }) => one.ancestors.has(id));
    const before = settle(known);
    if (!isAllowed(before, one.operation) && !isPairCreate(one.operation)) continue;
    const { author } = one.operation;
    const member = before.members.get(bytesToHex(author));
    weighed.push({ ...one, rank: rankOf(before, author), seniority: member?.seniority ?? 0 });
  }
  return settle(weighed);
}

/** Every create of a pair says the same, whoever was first: it follows nothing. */
function isPairCreate({ op, author }: MembershipOperation): boolean {
  return (
    op.kind === 'create' &&
    op.policy.form === 'pair' &&
    compareBytes(op.founders[0]?.account ?? author, author) === 0
  );
}

/** Each once, in an order that has what an operation follows before it, and is the same for the same set. */
function place(operations: Iterable<MembershipOperation>): readonly Placed[] {
  const waiting = new Map([...operations].map((operation) => [bytesToHex(operation.id), operation]));
  const placed = new Map<string, Placed>();
  for (let moved = true; moved;) {
    moved = false;
    for (const [id, operation] of waiting) {
      const previous = operation.previous.map((one) => placed.get(bytesToHex(one)));
      if (previous.some((one) => one === undefined)) continue;
      const ancestors = new Set(
        previous.flatMap((one) => (one === undefined ? [] : [one.id, ...one.ancestors])),
      );
      const depth = 1 + Math.max(0, ...previous.map((one) => one?.depth ?? 0));
      placed.set(id, { operation, id, ancestors, depth });
      waiting.delete(id);
      moved = true;
    }
  }
  return [...placed.values()].toSorted(
    (left, right) => left.depth - right.depth || (left.id < right.id ? -1 : 1),
  );
}

/** The state that a set of operations leaves which were each allowed by what their authors knew. */
function settle(weighed: readonly Weighed[]): Membership {
  const strongestFirst = weighed.toSorted(byStrength);
  let standing: readonly Weighed[] = [];
  for (const one of strongestFirst) {
    if (!standing.some((other) => beats(other, one))) standing = [...standing, one];
  }
  // A weaker act takes from the stronger what they did elsewhere, unless that was against itself.
  for (const act of standing) {
    if (standing.includes(act)) standing = standing.filter((one) => !beats(act, one));
  }
  let membership = noMembership;
  for (const [at, one] of inOrder(standing).entries()) {
    if (isAllowed(membership, one.operation)) membership = applyOperation(membership, one.operation, at);
  }
  return membership;
}

/** `act` disarms the author of `other` without their knowing, and is not itself undone by that as the weaker one. */
function beats(act: Weighed, other: Weighed): boolean {
  if (act === other || !isConcurrent(act, other) || !disarms(act, other)) return false;
  return !disarms(other, act) || byStrength(act, other) < 0;
}

/** True when `act` takes the author of `other` out, or changes their role. */
function disarms(act: Weighed, other: Weighed): boolean {
  const { op } = act.operation;
  if (op.kind !== 'remove' && op.kind !== 'set-role') return false;
  return compareBytes(op.account, other.operation.author) === 0;
}

function isConcurrent(left: Weighed, right: Weighed): boolean {
  return !left.ancestors.has(right.id) && !right.ancestors.has(left.id);
}

function byStrength(left: Weighed, right: Weighed): number {
  return right.rank - left.rank || left.seniority - right.seniority || (left.id < right.id ? -1 : 1);
}

/** What follows comes later; of the concurrent, the weaker comes first, so that the stronger has the last word. */
function inOrder(kept: readonly Weighed[]): readonly Weighed[] {
  const left = new Set(kept);
  const names = new Set(kept.map(({ id }) => id));
  const done = new Set<string>();
  const order: Weighed[] = [];
  while (left.size > 0) {
    const ready = [...left].filter(({ ancestors }) =>
      [...ancestors].every((id) => !names.has(id) || done.has(id)),
    );
    const next = ready.toSorted((one, other) => byStrength(other, one))[0];
    if (next === undefined) return order;
    order.push(next);
    left.delete(next);
    done.add(next.id);
  }
  return order;
}

/** Ids of the newest operations: what the next one follows. */
export function membershipHeads(operations: Iterable<MembershipOperation>): readonly Uint8Array[] {
  const all = [...operations];
  const followed = new Set(all.flatMap(({ previous }) => previous.map(bytesToHex)));
  return all.filter(({ id }) => !followed.has(bytesToHex(id))).map(({ id }) => id);
}
