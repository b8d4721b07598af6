/**
 * A directory of many nodes without sockets: real tables of claims and real answers behind simulated datagrams, which
 * take their time and get lost. Who asks runs the real walk (`Seeker`). Routing tables are what Kademlia's would be a
 * while after each coming and going: up to 20 nodes of each bucket, as things stood `staleMs` ago.
 */
import {
  ClaimTable,
  compareDistance,
  directoryCommands,
  encodePutOutcome,
  encodeUtf8,
  type NodeAddress,
  type Primitives,
} from '@mycelium/protocol';
import {
  answerRequest,
  type Clock,
  type DirectoryNodes,
  type NodeAnswer,
  type NodeQuestion,
  type NodeReply,
} from '@mycelium/runtime';
import type { SeededRandomness } from '../seeded-randomness.ts';
import { orderIds, sharedBits, type IdOrder } from './ids.ts';

export interface DirectoryWorldWish {
  readonly count: number;
  readonly clock: Clock;
  readonly primitives: Primitives;
  readonly randomness: SeededRandomness;
  /** There and back, ms. */
  readonly roundTripMs: readonly [number, number];
  /** Of questions, and of answers. */
  readonly lossRate: number;
  /** How old what nodes know of each other is. */
  readonly staleMs: number;
}

/** What a hostile node says: to its own answer if it had been honest, another one. Undefined: nothing. */
export type Behaviour = (
  node: SimulatedDirectoryNode,
  question: NodeQuestion,
  honest: () => NodeReply | undefined,
) => NodeReply | undefined;

const bucketMax = 20;
const timeoutMs = 1_000;
const everMs = Number.POSITIVE_INFINITY;

export class SimulatedDirectoryNode implements NodeAddress {
  readonly host: string;
  readonly port: number;
  readonly id: Uint8Array;
  /** `Clock.monotonicMs`, from which and until which it answers. */
  fromMs = 0;
  untilMs: number = everMs;
  behaviour: Behaviour | undefined;
  readonly #primitives: Primitives;
  #table: ClaimTable | undefined;

  constructor(primitives: Primitives, { host, port }: NodeAddress) {
    this.#primitives = primitives;
    this.host = host;
    this.port = port;
    this.id = nodeId(primitives, { host, port });
  }

  get table(): ClaimTable {
    return (this.#table ??= new ClaimTable(this.#primitives));
  }

  isThere(atMs: number): boolean {
    return this.fromMs <= atMs && atMs < this.untilMs;
  }
}

export class DirectoryWorld {
  readonly nodes: readonly SimulatedDirectoryNode[];
  readonly #wish: DirectoryWorldWish;
  readonly #order: IdOrder;
  readonly #numberByName = new Map<string, number>();
  /** Questions that were asked. */
  asked = 0;

  constructor(wish: DirectoryWorldWish) {
    this.#wish = wish;
    const { count, primitives } = wish;
    this.nodes = Array.from(
      { length: count },
      (_, number) => new SimulatedDirectoryNode(primitives, { host: hostOf(number), port: 49_737 }),
    );
    this.#order = orderIds(this.nodes.map(({ id }) => id));
    for (const [number, node] of this.nodes.entries()) this.#numberByName.set(nameOf(node), number);
  }

  /** What a client sees that knows these nodes. */
  seenBy(known: readonly NodeAddress[]): DirectoryNodes {
    const { primitives } = this.#wish;
    return {
      ownId: null,
      idOf: (node) => nodeId(primitives, node),
      known: () => known,
      ask: (node, question) => this.#ask(node, question),
    };
  }

  /** What one of the nodes sees. */
  seenByNode(node: SimulatedDirectoryNode): DirectoryNodes {
    const known = this.closerTo(node, node.id, 3 * bucketMax);
    return { ...this.seenBy(known), ownId: node.id };
  }

  someNodes(count: number): readonly SimulatedDirectoryNode[] {
    const { clock, randomness } = this.#wish;
    const there = this.nodes.filter((node) => node.isThere(clock.monotonicMs()));
    return Array.from({ length: count }, () => randomness.pick(there));
  }

  /** Those that really are the closest at the moment: what nobody in the directory can know for sure. */
  closest(target: Uint8Array, count: number): readonly SimulatedDirectoryNode[] {
    const nowMs = this.#wish.clock.monotonicMs();
    const there = this.nodes.filter((node) => node.isThere(nowMs));
    return there.toSorted((left, right) => compareDistance(target, left.id, right.id)).slice(0, count);
  }

  /** Of the routing table of a node, those closest to a target. */
  closerTo(
    node: SimulatedDirectoryNode,
    target: Uint8Array,
    count: number = bucketMax,
  ): readonly NodeAddress[] {
    const near = sharedBits(node.id, target);
    const found = this.#bucket(node, near);
    // Nodes around it have as much in common with the target as it has itself.
    for (let shared = near + 1; shared < near + 24 && found.length < 2 * count; shared += 1)
      found.push(...this.#bucket(node, shared));
    for (let shared = near - 1; shared >= 0 && found.length < count; shared -= 1)
      found.push(...this.#bucket(node, shared));
    found.sort((left, right) => compareDistance(target, left.id, right.id));
    return found.slice(0, count);
  }

  /** Spread over the whole range; the same ones each time while they are there. */
  #bucket(node: SimulatedDirectoryNode, shared: number): SimulatedDirectoryNode[] {
    const { from, to } = this.#order.bucket(node.id, shared);
    const size = to - from;
    const knownAtMs = Math.max(0, this.#wish.clock.monotonicMs() - this.#wish.staleMs);
    const step = Math.max(1, Math.floor(size / (2 * bucketMax)));
    const offset = ((node.id[31] ?? 0) * 256 + (node.id[30] ?? 0)) % Math.max(1, size);
    const found: SimulatedDirectoryNode[] = [];
    for (let tried = 0; tried * step < size && found.length < bucketMax; tried += 1) {
      const other = this.nodes[this.#order.at(from + ((offset + tried * step) % size))];
      if (other?.isThere(knownAtMs) === true) found.push(other);
    }
    return found;
  }

  #ask(at: NodeAddress, question: NodeQuestion): Promise<NodeReply> {
    const { clock, lossRate, randomness, roundTripMs } = this.#wish;
    this.asked += 1;
    const number = this.#numberByName.get(nameOf(at));
    const node = number === undefined ? undefined : this.nodes[number];
    const isLost = randomness.chance(lossRate);
    const afterMs = randomness.between(...roundTripMs);
    return new Promise((resolve, reject) => {
      const reply =
        isLost || node?.isThere(clock.monotonicMs()) !== true ? undefined : this.#reply(node, question);
      if (reply === undefined) clock.after(timeoutMs, () => reject(new Error('no answer')));
      else clock.after(afterMs, () => resolve(reply));
    });
  }

  #reply(node: SimulatedDirectoryNode, question: NodeQuestion): NodeReply | undefined {
    const honest = (): NodeReply | undefined => {
      const proved = question.token != null;
      const request = { ...question, proved, host: askerHost };
      const answer = answerRequest({ table: node.table, clock: this.#wish.clock }, request);
      return answer === undefined ? undefined : this.#replyOf(node, question.target, answer);
    };
    return node.behaviour === undefined ? honest() : node.behaviour(node, question, honest);
  }

  #replyOf(node: SimulatedDirectoryNode, target: Uint8Array, { value, leadsOn }: NodeAnswer): NodeReply {
    return {
      from: { host: node.host, port: node.port, id: node.id },
      token: leadsOn ? token : null,
      closerNodes: leadsOn ? this.closerTo(node, target) : null,
      error: 0,
      value,
    };
  }

  /** What says that a record is kept. */
  static kept(node: SimulatedDirectoryNode, { command }: NodeQuestion): NodeReply | undefined {
    if (command !== directoryCommands.put) return undefined;
    const from = { host: node.host, port: node.port, id: node.id };
    return { from, token: null, closerNodes: null, error: 0, value: encodePutOutcome('kept') };
  }
}

/** Any will do: whoever has one has been answered. */
const token = new Uint8Array(32);
const askerHost = '198.51.100.1';

/** Each in a network of its own. */
function hostOf(number: number): string {
  return `${20 + (number >>> 16)}.${(number >>> 8) & 255}.${number & 255}.7`;
}

function nameOf({ host, port }: NodeAddress): string {
  return `${host}:${port}`;
}

export function nodeId(primitives: Pick<Primitives, 'sha256'>, node: NodeAddress): Uint8Array {
  return primitives.sha256(encodeUtf8(nameOf(node)));
}
