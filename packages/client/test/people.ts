/** People for tests: whole clients on real cryptography, with mail and directory in memory and time that stands still. */
import { createKeyAgreement } from '@mycelium/mls';
import { createMlsPlatform, createPrimitives } from '@mycelium/node';
import type { KeyAgreement, PeerAddress, Primitives } from '@mycelium/protocol';
import { bytesToHex, formatPeerAddress } from '@mycelium/protocol';
import type { Clock, DirectoryNetwork } from '@mycelium/runtime';
import {
  createMemoryClientStore,
  createMemoryDomains,
  createSeededRandomness,
  createVirtualClock,
  type MemoryClientStore,
  type MemoryDomains,
  type VirtualClock,
} from '@mycelium/simulation';
import { createClient, type Client, type ClientEvent } from '../src/index.ts';
import { relayAddress, PostOffice, type FakeAgent } from './post-office.ts';

export const primitives: Primitives = {
  ...createPrimitives(),
  // The real one takes 64 MiB and a tenth of a second for each account: it has its own tests.
  argon2id: (...given) => createPrimitives().hkdf(given[0], given[1], new Uint8Array(), given[4]),
};

export class Town {
  readonly clock: VirtualClock = createVirtualClock();
  readonly office = new PostOffice();
  readonly domains: MemoryDomains = createMemoryDomains();
  readonly #records = new Map<string, Uint8Array[]>();
  readonly directory: DirectoryNetwork = {
    publish: async (locator, record) => {
      const records = this.#records.get(bytesToHex(locator)) ?? [];
      // A node keeps one record of each directory key (bytes 36-68).
      const others = records.filter(
        (other) => bytesToHex(other.slice(36, 68)) !== bytesToHex(record.slice(36, 68)),
      );
      this.#records.set(bytesToHex(locator), [...others, record]);
      return { accepted: 1, refused: [] };
    },
    lookUp: async (locator) => this.#records.get(bytesToHex(locator)) ?? [],
    nodesKnown: () => 1,
  };

  #people = 0;

  nextNumber(): number {
    this.#people += 1;
    return this.#people;
  }

  /** Runs until nothing moves, then lets timers that are due within a second come. */
  async settle(): Promise<void> {
    let quiet = 0;
    while (quiet < 3) {
      let done = false;
      let moved = false;
      const round = this.office.round().then((answer) => {
        moved = answer;
        done = true;
      });
      while (!done) await this.clock.advance(1);
      await round;
      await this.clock.advance(300);
      quiet = moved ? 0 : quiet + 1;
    }
  }

  person(address: string, relays: readonly number[] = [1]): Person {
    return new Person(this, address, relays);
  }
}

export class Person {
  readonly town: Town;
  readonly address: string;
  readonly events: ClientEvent[] = [];
  readonly #relays: readonly PeerAddress[];
  readonly #agreement: KeyAgreement;
  /** Different for each person, also of the same address. */
  readonly #seed: string;
  #runs = 0;
  /** Called when it is killed: its timers never come. */
  #end: () => void = () => undefined;
  store: MemoryClientStore = createMemoryClientStore();
  agent: FakeAgent;
  client: Client;
  addresses: readonly PeerAddress[] = [];
  phrase = '';

  constructor(town: Town, address: string, relays: readonly number[]) {
    this.town = town;
    this.address = address;
    this.#relays = relays.map(relayAddress);
    this.#seed = `${address} ${town.nextNumber()}`;
    const randomness = createSeededRandomness(`mls ${this.#seed}`);
    this.#agreement = createKeyAgreement({ primitives, randomness, platform: createMlsPlatform() });
    this.agent = town.office.agent();
    this.client = this.#create();
  }

  #create(): Client {
    this.#runs += 1;
    let running = true;
    this.#end = () => void (running = false);
    const { clock } = this.town;
    const runClock: Clock = {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, call) => clock.after(delayMs, () => running && call()),
    };
    return createClient({
      store: this.store,
      mail: this.agent,
      directory: this.town.directory,
      domains: this.town.domains,
      agreement: this.#agreement,
      primitives,
      clock: runClock,
      randomness: createSeededRandomness(`${this.#seed} ${this.#runs}`),
      ownAddresses: () => this.addresses,
      isRelay: false,
    });
  }

  /** Waits for a call while the town goes on. */
  async during<T>(call: Promise<T>): Promise<T> {
    let done = false;
    const settled = call.finally(() => {
      done = true;
    });
    settled.catch(() => undefined);
    while (!done) {
      await this.town.clock.advance(50);
    }
    return settled;
  }

  async begin(phrase?: string): Promise<this> {
    const made = await this.during(
      this.client.createAccount({ address: this.address, ...(phrase === undefined ? {} : { phrase }) }),
    );
    this.phrase = made.phrase;
    await this.during(this.client.setRelays(this.#relays.map(formatPeerAddress)));
    await this.start();
    return this;
  }

  async start(): Promise<void> {
    this.client.subscribe(this.events.at(-1)?.eventId ?? 0, (event) => this.events.push(event));
    await this.during(this.client.start());
    await this.town.settle();
  }

  /** Killed here and started again from what is on disk, or from an older copy of it. */
  async restart(store: MemoryClientStore = this.store.crash(), online = true): Promise<void> {
    this.#end();
    await this.agent.stop();
    this.store = store;
    this.agent = this.town.office.agent();
    this.agent.online = online;
    this.client = this.#create();
    await this.start();
  }

  texts(other: Person): readonly string[] {
    return this.client.history({ to: other.address, limit: 10_000 }).map(({ text }) => text);
  }

  states(other: Person): readonly string[] {
    return this.client.history({ to: other.address, limit: 10_000 }).map(({ state }) => state);
  }

  kinds(event: ClientEvent['event']): readonly ClientEvent[] {
    return this.events.filter((one) => one.event === event);
  }

  async send(other: Person, text: string): Promise<string> {
    const { id } = await this.during(this.client.send({ to: other.address, text }));
    return id;
  }
}

/** Alice and Bob, who have accepted each other. */
export async function contacts(
  relays: readonly [readonly number[], readonly number[]] = [[1], [2]],
): Promise<{ town: Town; alice: Person; bob: Person }> {
  const town = new Town();
  const alice = await town.person('alice@example.com', relays[0]).begin();
  const bob = await town.person('bob@example.com', relays[1]).begin();
  const { link } = await bob.during(bob.client.invite({}));
  await alice.during(alice.client.acceptInvite(link));
  await town.settle();
  return { town, alice, bob };
}
