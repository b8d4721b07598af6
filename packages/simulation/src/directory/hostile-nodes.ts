/** Directory nodes that lie, each in a way of its own (spec/directory-node.md, "Walks"; the tests of hostile shares). */
import {
  bytesEqual,
  claimRecordBytes,
  compareDistance,
  directoryCommands,
  encodeDigests,
  type NodeAddress,
  type Primitives,
} from '@mycelium/protocol';
import type { NodeReply } from '@mycelium/runtime';
import type { SeededRandomness } from '../seeded-randomness.ts';
import { DirectoryWorld, nodeId, type Behaviour, type SimulatedDirectoryNode } from './directory-world.ts';

export interface HostileWish {
  readonly world: DirectoryWorld;
  readonly primitives: Primitives;
  readonly randomness: SeededRandomness;
  /** Records that they hand out for a locator, whatever they are: old ones, Mallory's own, forged ones. */
  readonly records: (locator: Uint8Array) => readonly Uint8Array[];
}

export const hostileKinds = ['empty', 'liar', 'false-claims', 'flood', 'phantoms'] as const;
export type HostileKind = (typeof hostileKinds)[number];

const claimsNamed = 8;
const nodesNamed = 20;

/** Makes a share of the nodes hostile, in all ways in turn. Answers them. */
export function makeHostile(wish: HostileWish, share: number): readonly SimulatedDirectoryNode[] {
  const { world, randomness } = wish;
  const count = Math.round(world.nodes.length * share);
  const left = [...world.nodes];
  const hostile: SimulatedDirectoryNode[] = [];
  while (hostile.length < count) {
    const [node] = left.splice(randomness.between(0, left.length - 1), 1);
    if (node !== undefined) hostile.push(node);
  }
  for (const [at, node] of hostile.entries()) {
    node.behaviour = behaviourOf(wish, hostileKinds[at % hostileKinds.length] ?? 'liar', hostile);
  }
  return hostile;
}

function behaviourOf(
  wish: HostileWish,
  kind: HostileKind,
  hostile: readonly SimulatedDirectoryNode[],
): Behaviour {
  const { primitives, randomness, records } = wish;
  /** Says that it keeps what it is given, and forgets it. */
  return (node, question, honest) => {
    const kept = DirectoryWorld.kept(node, question);
    if (kept !== undefined) return kept;
    const { target } = question;
    const given = kind === 'false-claims' || kind === 'liar' ? records(target) : [];
    if (question.command === directoryCommands.claim) {
      const asked = given.find((record) => bytesEqual(primitives.sha256(record), question.value));
      return replyOf(node, asked ?? randomness.bytes(claimRecordBytes), null);
    }
    const accomplices = closestTo(target, hostile);
    switch (kind) {
      case 'empty':
        return replyOf(node, encodeDigests([]), honest()?.closerNodes ?? []);
      case 'liar':
        return replyOf(node, digestsOf(wish, given), accomplices);
      case 'false-claims':
        return replyOf(node, digestsOf(wish, given), honest()?.closerNodes ?? []);
      case 'flood':
        return replyOf(node, noise(randomness), phantoms(wish, target));
      case 'phantoms':
        return replyOf(node, encodeDigests([]), phantoms(wish, target));
    }
  };
}

function replyOf(
  node: SimulatedDirectoryNode,
  value: Uint8Array,
  closerNodes: readonly NodeAddress[] | null,
): NodeReply {
  const from = { host: node.host, port: node.port, id: node.id };
  return { from, token: new Uint8Array(32), closerNodes, error: 0, value };
}

function closestTo(
  target: Uint8Array,
  nodes: readonly SimulatedDirectoryNode[],
): readonly SimulatedDirectoryNode[] {
  return nodes.toSorted((left, right) => compareDistance(target, left.id, right.id)).slice(0, nodesNamed);
}

/** Addresses at which nobody is, whose ids are closer to the target than most nodes': the best of several tries. */
function phantoms({ primitives, randomness }: HostileWish, target: Uint8Array): readonly NodeAddress[] {
  const tried = Array.from({ length: nodesNamed * 8 }, () => {
    const [b = 0, c = 0, d = 0] = randomness.bytes(3);
    const node = {
      host: `${randomness.between(130, 168)}.${b}.${c}.${d}`,
      port: randomness.between(1, 65_535),
    };
    return { ...node, id: nodeId(primitives, node) };
  });
  tried.sort((left, right) => compareDistance(target, left.id, right.id));
  return tried.slice(0, nodesNamed);
}

function digestsOf({ primitives }: HostileWish, records: readonly Uint8Array[]): Uint8Array {
  const held = records.map((record) => ({ digest: primitives.sha256(record), sequence: 1 }));
  return encodeDigests(held.slice(0, claimsNamed));
}

/** Of claims that nobody has. */
function noise(randomness: SeededRandomness): Uint8Array {
  const held = Array.from({ length: claimsNamed }, () => ({ digest: randomness.bytes(32), sequence: 1 }));
  return encodeDigests(held);
}
