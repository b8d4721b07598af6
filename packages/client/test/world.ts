/**
 * Whole people on simulated machines: the client, the real mail agent and real cryptography over a faulty network and
 * stores that survive what kills their machine. Everything follows from the seed.
 */
import { createKeyAgreement } from '@mycelium/mls';
import { createMlsPlatform } from '@mycelium/node';
import { bytesToHex, formatPeerAddress } from '@mycelium/protocol';
import {
  createMailAgent,
  createRelayHost,
  noMeter,
  serveLink,
  usualRelayPolicy,
  usualServerLimits,
  type DirectoryNetwork,
  type MailAgent,
  type QueueStoreLimits,
  type RelayPolicy,
} from '@mycelium/runtime';
import {
  createMemoryClientStore,
  createMemoryQueueStore,
  createSeededRandomness,
  createVirtualClock,
  SimulatedNetwork,
  trackedPort,
  type MemoryClientStore,
  type MemoryQueueStore,
  type SimulatedNode,
} from '@mycelium/simulation';
import { createClient, type Client, type ClientEvent } from '../src/index.ts';
import { storedRows } from '../src/loop/rows.ts';
import { tables } from '../src/store/tables.ts';
import { primitives } from './people.ts';

export function createWorld(seed: string): SimulatedNetwork {
  return new SimulatedNetwork(createVirtualClock(), createSeededRandomness(seed));
}

const nobody: DirectoryNetwork = {
  publish: () => Promise.resolve({ accepted: 1, refused: [] }),
  lookUp: () => Promise.resolve([]),
  nodesKnown: () => 0,
};

const storeLimits = {
  retentionMs: 30 * 86_400_000,
  framesPerQueueMax: 100_000,
  queuesMax: 1_000,
  bytesMax: 1e9,
};

export class SimulatedRelay {
  readonly node: SimulatedNode;
  store: MemoryQueueStore;
  /** From the next start on it says that what it calls stored is not on a disk. */
  replicatedOnly = false;

  policy: RelayPolicy = usualRelayPolicy;
  /** False, from the next start on: it is of a version that knows no intake tokens. */
  takesTokens = true;
  /** What strangers asked it to keep: `token ok`, `intake stamp`. */
  readonly strangers: string[] = [];

  readonly #limits: QueueStoreLimits;

  constructor(node: SimulatedNode, retentionMs: number = storeLimits.retentionMs) {
    this.node = node;
    this.#limits = { ...storeLimits, retentionMs };
    this.store = this.#emptyStore();
  }

  #emptyStore(): MemoryQueueStore {
    return createMemoryQueueStore({ clock: this.node.life.clock, limits: this.#limits });
  }

  /** Comes back with nothing on its disk. */
  async loseDisk(): Promise<void> {
    this.crash();
    this.store = this.#emptyStore();
    await this.restart();
  }

  async start(): Promise<void> {
    const { transport, clock, randomness } = this.node.life;
    const backend = createRelayHost({
      store: this.store,
      storeLimits: this.#limits,
      clock,
      primitives,
      policy: () => this.policy,
      meter: {
        ...noMeter,
        appended: (kind, outcome) => kind !== 'mail' && this.strangers.push(`${kind} ${outcome}`),
      },
    });
    const { replicatedOnly, takesTokens: intakeTokens } = this;
    const limits = { ...backend.serverLimits(usualServerLimits), replicatedOnly, intakeTokens };
    const serving = { transport, clock, randomness, primitives, limits, backend };
    await transport.listen((link) => void serveLink(serving, link, () => undefined));
  }

  crash(): void {
    this.node.crash();
    this.store = this.store.crash();
  }

  async restart(): Promise<void> {
    this.node.restart();
    await this.start();
  }
}

export class SimulatedPerson {
  readonly node: SimulatedNode;
  readonly address: string;
  readonly events: ClientEvent[] = [];
  readonly #world: SimulatedNetwork;
  store: MemoryClientStore = createMemoryClientStore();
  /** Called with each event in the moment that it is told. */
  onEvent: (event: ClientEvent) => void = () => undefined;
  /** Takes every claim and knows nobody, unless told. */
  directory: DirectoryNetwork = nobody;
  client!: Client;
  #agent!: MailAgent;

  constructor(world: SimulatedNetwork, name: string) {
    this.#world = world;
    this.node = world.node(name);
    this.address = `${name}@example.com`;
  }

  async begin(relays: readonly SimulatedRelay[]): Promise<void> {
    await this.#start();
    await this.wait(this.client.createAccount({ address: this.address }));
    await this.wait(this.client.setRelays(relays.map(({ node }) => formatPeerAddress(node.address))));
  }

  async #start(): Promise<void> {
    const { transport, clock, randomness } = this.node.life;
    this.#agent = createMailAgent({ transport, clock, randomness, primitives });
    const agreement = createKeyAgreement({ primitives, randomness, platform: createMlsPlatform() });
    this.client = createClient({
      store: this.store,
      mail: this.#agent,
      directory: this.directory,
      agreement: trackedPort(clock, agreement),
      primitives,
      clock,
      randomness,
      ownAddresses: () => transport.addresses,
      isRelay: false,
      intakeDifficulty: 1,
    });
    this.client.subscribe(this.events.at(-1)?.eventId ?? 0, (event) => {
      this.events.push(event);
      this.onEvent(event);
    });
    await transport.listen((link) => this.#agent.accept(link));
    const started = this.client.start();
    started.catch(() => undefined);
    await this.#world.clock.settle();
  }

  readonly #waits = new Map<SimulatedPerson, string | undefined>();

  /** Killed: what is on disk stays. */
  crash(silently = false): void {
    this.node.crash(silently);
    this.store = this.store.crash();
  }

  async restart(): Promise<void> {
    this.node.restart();
    await this.#start();
  }

  /** While the world goes on. */
  async wait<T>(call: Promise<T>, limitMs = 120_000): Promise<T> {
    let done = false;
    const settled = call.finally(() => {
      done = true;
    });
    settled.catch(() => undefined);
    await this.#world.clock.runUntil(() => done, limitMs);
    if (!done) throw new Error(`${this.address} waits for ever`);
    return settled;
  }

  /**
   * Whether everything said with somebody has arrived. Asked after every turn of the world: as long as one message waits, it
   * looks at that one and not at all of them.
   */
  hasSettled(other: SimulatedPerson): boolean {
    const isSettled = (state: string | undefined): boolean => state === 'delivered' || state === 'received';
    const waits = this.#waits.get(other);
    if (waits !== undefined && !isSettled(this.client.message(waits)?.state)) return false;
    const all = this.client.history({ to: other.address, limit: 10_000 });
    const next = all.find(({ state }) => !isSettled(state));
    this.#waits.set(other, next?.id);
    return next === undefined;
  }

  texts(other: SimulatedPerson, from: SimulatedPerson): readonly string[] {
    const all = this.client.history({ to: other.address, limit: 10_000 });
    return all.filter((message) => message.from === from.address).map(({ text }) => text);
  }

  has(id: string): boolean {
    return this.client.message(id) !== undefined;
  }

  /** Where the last frame of a message of ours is, while it is not confirmed. */
  placeOf(
    id: string,
  ): { readonly route: Uint8Array; readonly lastIndex: number; readonly relays: number } | undefined {
    const rows = storedRows(this.store);
    for (const { row } of rows.scan(tables.outgoing)) {
      const message = row.message === undefined ? undefined : rows.get(tables.messages, row.message);
      if (message === undefined || bytesToHex(message.id) !== id) continue;
      const queue = rows.get(tables.queues, row.route);
      return { route: row.route, lastIndex: row.lastIndex, relays: queue?.relays.length ?? 0 };
    }
    return undefined;
  }
}
