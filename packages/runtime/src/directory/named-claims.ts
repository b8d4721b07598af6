/**
 * The claims that the answers of a walk name (spec/directory-node.md, "Look-up"): those that most of the closest nodes
 * have come first, so that hostile nodes cannot push a claim out of a bounded answer by naming many.
 */
import { bytesToHex, decodeDigests } from '@mycelium/protocol';
import type { NodeReply } from './nodes.ts';
import { closestOf } from './walk-path.ts';

export interface NamedClaim {
  readonly digest: Uint8Array;
  /** Who says to have it, closest first. */
  readonly holders: readonly NodeReply[];
}

/**
 * Nodes whose id is that of their address, which nobody can choose. Only where there is none of them (a lone node asked
 * by another of its addresses) do the others count.
 */
export function closestAnswers(answers: readonly NodeReply[]): readonly NodeReply[] {
  const proved = answers.filter(({ from }) => from.id !== null);
  return closestOf(proved.length > 0 ? proved : answers, ({ from }) => from);
}

/** `answers`: all of a walk, closest first. */
export function namedClaims(answers: readonly NodeReply[]): readonly NamedClaim[] {
  const closest = new Set(closestAnswers(answers));
  const named = new Map<string, { readonly digest: Uint8Array; holders: NodeReply[]; votes: number }>();
  for (const answer of answers) {
    const held = answer.value === null ? undefined : decodeDigests(answer.value);
    if (held?.ok !== true) continue;
    const counted = new Set<string>();
    for (const { digest } of held.value) {
      const name = bytesToHex(digest);
      if (counted.has(name)) continue;
      counted.add(name);
      const claim = named.get(name) ?? { digest, holders: [], votes: 0 };
      claim.holders.push(answer);
      if (closest.has(answer)) claim.votes += 1;
      named.set(name, claim);
    }
  }
  return [...named.values()].toSorted(
    (left, right) => right.votes - left.votes || right.holders.length - left.holders.length,
  );
}
