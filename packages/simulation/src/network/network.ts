/** The world between simulated machines: who can reach whom, and how badly. */
import type { PeerAddress } from '@mycelium/protocol';
import type { PathKind } from '@mycelium/runtime';
import type { VirtualClock } from '../virtual-clock.ts';
import type { SeededRandomness } from '../seeded-randomness.ts';
import { createTrace, type Trace } from '../trace.ts';
import { calmPath, type PathConditions } from './conditions.ts';
import { Connection } from './connection.ts';
import { SimulatedNode } from './node.ts';

export class SimulatedNetwork {
  readonly clock: VirtualClock;
  readonly randomness: SeededRandomness;
  readonly trace: Trace = createTrace();
  readonly #nodes = new Map<string, SimulatedNode>();
  readonly #conditions = new Map<string, PathConditions>();
  readonly #partitioned = new Set<string>();
  /** Kinds of paths between two machines, where there are several. */
  readonly #ways = new Map<string, readonly PathKind[]>();
  #connections: Connection[] = [];
  #usual: PathConditions = calmPath;

  constructor(clock: VirtualClock, randomness: SeededRandomness) {
    this.clock = clock;
    this.randomness = randomness.fork('network');
  }

  /** A machine. Its transport key is a function of the seed and the name, so a machine that comes back has the same. */
  node(name: string): SimulatedNode {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const node = new SimulatedNode(this, name);
    this.#nodes.set(name, node);
    return node;
  }

  /** Conditions of all paths that have none of their own. Links that are open keep theirs. */
  setConditions(conditions: Partial<PathConditions>): void {
    this.#usual = { ...this.#usual, ...conditions };
  }

  setPath(left: SimulatedNode, right: SimulatedNode, conditions: Partial<PathConditions>): void {
    this.#conditions.set(pair(left, right), { ...this.path(left, right), ...conditions });
  }

  path(left: SimulatedNode, right: SimulatedNode, kind: PathKind = 'memory'): PathConditions {
    const whole = this.#conditions.get(pair(left, right)) ?? this.#usual;
    return this.#conditions.get(way(left, right, kind)) ?? whole;
  }

  /** Several paths between the two, each with conditions of its own; what is left out is as usual. */
  setWays(
    left: SimulatedNode,
    right: SimulatedNode,
    ways: Readonly<Partial<Record<PathKind, Partial<PathConditions>>>>,
  ): void {
    const kinds = Object.keys(ways) as PathKind[];
    this.#ways.set(pair(left, right), kinds);
    for (const kind of kinds) {
      this.#conditions.set(way(left, right, kind), { ...this.path(left, right), ...ways[kind] });
    }
    left.networksChanged();
    right.networksChanged();
  }

  ways(left: SimulatedNode, right: SimulatedNode): readonly PathKind[] {
    return this.#ways.get(pair(left, right)) ?? ['memory'];
  }

  /** One of several paths goes dead without a word. */
  cutWay(left: SimulatedNode, right: SimulatedNode, kind: PathKind): void {
    this.note(`cut ${way(left, right, kind)}`);
    this.#partitioned.add(way(left, right, kind));
    for (const connection of this.connections(left, right)) {
      if (connection.kind === kind) connection.held = true;
    }
  }

  mendWay(left: SimulatedNode, right: SimulatedNode, kind: PathKind): void {
    this.note(`mend ${way(left, right, kind)}`);
    this.#partitioned.delete(way(left, right, kind));
    for (const connection of this.connections(left, right)) {
      if (connection.kind === kind) connection.release();
    }
  }

  find(peer: PeerAddress): SimulatedNode | undefined {
    if (peer.endpoint !== undefined) return this.#nodes.get(peer.endpoint.host);
    return [...this.#nodes.values()].find((node) =>
      node.transport.key.every((byte, at) => byte === peer.key[at]),
    );
  }

  connect(dialler: SimulatedNode, listener: SimulatedNode, kind: PathKind): Connection {
    const world = { clock: this.clock, randomness: this.randomness, trace: this.trace };
    const sides = {
      dialler: { name: dialler.name, key: dialler.transport.key },
      listener: { name: listener.name, key: listener.transport.key },
    };
    const connection = new Connection(world, this.path(dialler, listener, kind), { ...sides, kind });
    this.#connections = this.#connections.filter((open) => !open.broken);
    this.#connections.push(connection);
    this.note(`link ${dialler.name}-${listener.name}`);
    return connection;
  }

  /** Carries nothing between the two any more: links stand still, dials wait. */
  partition(left: SimulatedNode, right: SimulatedNode): void {
    this.note(`partition ${pair(left, right)}`);
    this.#partitioned.add(pair(left, right));
    for (const connection of this.connections(left, right)) connection.held = true;
  }

  /** Ends the partition; links that are still there go on where they stood. */
  heal(left: SimulatedNode, right: SimulatedNode): void {
    this.note(`heal ${pair(left, right)}`);
    this.#partitioned.delete(pair(left, right));
    for (const connection of this.connections(left, right)) connection.release();
  }

  healAll(): void {
    for (const name of this.#partitioned) this.note(`heal ${name}`);
    this.#partitioned.clear();
    for (const connection of this.#connections) connection.release();
  }

  isPartitioned(left: SimulatedNode, right: SimulatedNode, kind: PathKind): boolean {
    return this.#partitioned.has(pair(left, right)) || this.#partitioned.has(way(left, right, kind));
  }

  breakLinks(left: SimulatedNode, right: SimulatedNode): void {
    for (const connection of this.connections(left, right)) connection.break('the connection was reset');
  }

  /** Open links between the two. */
  connections(left: SimulatedNode, right: SimulatedNode): readonly Connection[] {
    const wanted = pair(left, right);
    return this.#connections.filter(
      ({ broken, sides }) => !broken && pair(sides.dialler, sides.listener) === wanted,
    );
  }

  /** The machine is off. `silently`: a power cut, of which peers hear nothing; else the system resets its links. */
  cutOff(node: SimulatedNode, silently: boolean): void {
    for (const connection of this.#connections) {
      const { dialler, listener } = connection.sides;
      if (dialler.name !== node.name && listener.name !== node.name) continue;
      if (dialler.name === node.name) connection.dialler.vanish();
      if (listener.name === node.name) connection.listener.vanish();
      if (!silently) connection.break('the connection was reset');
    }
  }

  note(event: string): void {
    this.trace.note(`${this.clock.monotonicMs()} ${event}`);
  }
}

function way(left: { readonly name: string }, right: { readonly name: string }, kind: PathKind): string {
  return `${pair(left, right)} ${kind}`;
}

function pair(left: { readonly name: string }, right: { readonly name: string }): string {
  return left.name < right.name ? `${left.name}-${right.name}` : `${right.name}-${left.name}`;
}
