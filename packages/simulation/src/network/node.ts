/** A simulated machine: its transport, its clock, its randomness, and how it dies and comes back. */
import type { PeerAddress, TransportKey } from '@mycelium/protocol';
import {
  TransportError,
  type Cancellation,
  type Link,
  type Path,
  type PathKind,
  type Transport,
} from '@mycelium/runtime';
import type { ClockScope } from '../virtual-clock.ts';
import { createSeededRandomness, type SeededRandomness } from '../seeded-randomness.ts';
import { dialTimeoutMs, type PathConditions } from './conditions.ts';
import type { Connection } from './connection.ts';

/** What a machine gives to the program that runs on it; a new one after each crash. */
export interface Life {
  readonly transport: Transport;
  readonly clock: ClockScope;
  readonly randomness: SeededRandomness;
}

/** What a machine needs of the network around it. */
export interface Surroundings {
  readonly clock: { scope(): ClockScope };
  readonly randomness: SeededRandomness;
  find(peer: PeerAddress): SimulatedNode | undefined;
  path(left: SimulatedNode, right: SimulatedNode, kind: PathKind): PathConditions;
  ways(left: SimulatedNode, right: SimulatedNode): readonly PathKind[];
  isPartitioned(left: SimulatedNode, right: SimulatedNode, kind: PathKind): boolean;
  connect(dialler: SimulatedNode, listener: SimulatedNode, kind: PathKind): Connection;
  cutOff(node: SimulatedNode, silently: boolean): void;
  note(event: string): void;
}

export class SimulatedNode {
  readonly name: string;
  readonly address: PeerAddress;
  readonly #network: Surroundings;
  readonly #key: TransportKey;
  #accept: ((link: Link) => void) | undefined;
  #changed: () => void = () => undefined;
  #life: Life;
  #lives = 0;
  #alive = true;

  constructor(network: Surroundings, name: string) {
    this.#network = network;
    this.name = name;
    this.#key = createSeededRandomness(`${network.randomness.seed}/key of ${name}`).bytes(32) as TransportKey;
    this.address = { key: this.#key, endpoint: { host: name, port: 1 } };
    this.#life = this.#begin();
  }

  get life(): Life {
    return this.#life;
  }

  get transport(): Transport {
    return this.#life.transport;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get listening(): boolean {
    return this.#alive && this.#accept !== undefined;
  }

  /** As when a cable is plugged in. */
  networksChanged(): void {
    this.#changed();
  }

  /**
   * The program is killed: timers and awaited work end here, links are reset (or, `silently`, stand still for ever).
   * What its stores hold is what the test kept outside. `restart` begins its next life.
   */
  crash(silently = false): void {
    this.#network.note(`crash ${this.name}`);
    this.#alive = false;
    this.#accept = undefined;
    this.#life.clock.discard();
    this.#network.cutOff(this, silently);
  }

  restart(): Life {
    this.#network.note(`restart ${this.name}`);
    if (this.#alive) this.crash();
    this.#life = this.#begin();
    return this.#life;
  }

  #begin(): Life {
    this.#alive = true;
    this.#lives += 1;
    const clock = this.#network.clock.scope();
    const randomness = createSeededRandomness(`${this.#network.randomness.seed}/${this.name}/${this.#lives}`);
    return { clock, randomness, transport: this.#createTransport(clock) };
  }

  #createTransport(clock: ClockScope): Transport {
    const links = new Set<Link>();
    let open = true;
    const dial = async (peer: PeerAddress, signal: Cancellation, kind?: PathKind): Promise<Link> => {
      if (!open) throw new TransportError('closed', 'the transport is closed');
      const link = await this.#dial({ peer, kind }, signal, clock);
      links.add(link);
      return link;
    };
    const addresses = (): readonly PeerAddress[] => (this.#accept === undefined ? [] : [this.address]);
    return {
      key: this.#key,
      get addresses() {
        return addresses();
      },
      listen: async (accept) => {
        this.#accept = (link) => {
          links.add(link);
          accept(link);
        };
      },
      dial: (peer, signal) => dial(peer, signal),
      paths: (addresses) => addresses.flatMap((address) => this.#pathsTo(address)),
      dialPath: ({ kind, key, endpoints: [endpoint] }, signal) =>
        dial({ key, ...(endpoint && { endpoint }) }, signal, kind),
      answerSummons: () => undefined,
      onChange: (changed) => {
        this.#changed = changed;
      },
      close: async () => {
        open = false;
        this.#accept = undefined;
        for (const link of links) link.close();
      },
    };
  }

  #pathsTo(address: PeerAddress): readonly Path[] {
    const target = this.#network.find(address);
    const kinds = target === undefined ? (['memory'] as const) : this.#network.ways(this, target);
    const endpoints = address.endpoint === undefined ? [] : [address.endpoint];
    return kinds.map((kind) => ({ kind, key: address.key, endpoints }));
  }

  #dial(
    { peer, kind = 'memory' }: { readonly peer: PeerAddress; readonly kind: PathKind | undefined },
    signal: Cancellation,
    clock: ClockScope,
  ): Promise<Link> {
    const network = this.#network;
    return new Promise((resolve, reject) => {
      let done = false;
      const fail = (code: 'unreachable' | 'wrong-key' | 'aborted', message: string): void => {
        if (done) return;
        done = true;
        signal.removeEventListener('abort', abort);
        reject(new TransportError(code, message));
      };
      const abort = (): void => fail('aborted', 'the dial was given up');
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
      const target = network.find(peer);
      const gone = target === undefined || network.isPartitioned(this, target, kind);
      const path = target === undefined ? undefined : network.path(this, target, kind);
      clock.after(gone ? dialTimeoutMs : 2 * (path?.latencyMs ?? 0), () => {
        if (done) return;
        if (target === undefined || gone || network.isPartitioned(this, target, kind))
          fail('unreachable', 'nothing answers there');
        else if (!target.listening) fail('unreachable', 'the connection was refused');
        else if (!target.#key.every((byte, at) => byte === peer.key[at]))
          fail('wrong-key', 'the peer has another key');
        else if (network.randomness.chance(path?.dialFailure ?? 0))
          fail('unreachable', 'the connection was reset');
        else {
          done = true;
          signal.removeEventListener('abort', abort);
          const connection = network.connect(this, target, kind);
          target.#accept?.(connection.listener);
          resolve(connection.dialler);
        }
      });
    });
  }
}
