/** The world between simulated machines: who can reach whom, and how badly. */
import type { PeerAddress } from '@mycelium/protocol';
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

  path(left: SimulatedNode, right: SimulatedNode): PathConditions {
    return this.#conditions.get(pair(left, right)) ?? this.#usual;
  }

  find(peer: PeerAddress): SimulatedNode | undefined {
    if (peer.endpoint !== undefined) return this.#nodes.get(peer.endpoint.host);
    return [...this.#nodes.values()].find((node) =>
      node.transport.key.every((byte, at) => byte === peer.key[at]),
    );
  }

  connect(dialler: SimulatedNode, listener: SimulatedNode): Connection {
    const world = { clock: this.clock, randomness: this.randomness, trace: this.trace };
    const sides = {
      dialler: { name: dialler.name, key: dialler.transport.key },
      listener: { name: listener.name, key: listener.transport.key },
    };
    const connection = new Connection(world, this.path(dialler, listener), sides);
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

  isPartitioned(left: SimulatedNode, right: SimulatedNode): boolean {
    return this.#partitioned.has(pair(left, right));
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

function pair(left: { readonly name: string }, right: { readonly name: string }): string {
  return left.name < right.name ? `${left.name}-${right.name}` : `${right.name}-${left.name}`;
}
