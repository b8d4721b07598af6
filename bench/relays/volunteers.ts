/**
 * A world of volunteers' relays and of accounts that come one after the other, with nothing of it on a network: the choices are
 * those of the client (`planRelays`, `rankRelays`), what relays say of themselves is as old as it is for a client. Everything
 * follows from the seed.
 */
import { createHash } from 'node:crypto';
import type { PeerAddress, TransportKey } from '@mycelium/protocol';
import { createSeededRandomness, type SeededRandomness } from '@mycelium/simulation';
import { neverMet, type RelayHealth } from '../../packages/client/src/relays/health.ts';
import { planRelays, type RelayCandidate } from '../../packages/client/src/relays/plan-relays.ts';
import { rankRelays } from '../../packages/client/src/relays/rendezvous.ts';

export interface WorldWish {
  readonly seed: string;
  readonly relays: number;
  readonly accounts: number;
  readonly queues: number;
  /** Relays that a configuration tells an account of, beside those of its contacts. */
  readonly told: number;
  /** How many of them the person named: those are the account's whatever else is known. */
  readonly named: number;
  /** `even`: each relay is told of alike; `popular`: the nth one 1/n times as often as the first. */
  readonly fame: 'even' | 'popular';
  /** Whether choices look at how relays do. */
  readonly health: boolean;
}

export interface Spread {
  /** Queues at the fullest relay, at the emptiest one, each by the mean. */
  readonly max: number;
  readonly min: number;
  readonly placements: number;
}

interface Account {
  readonly id: Uint8Array;
  readonly contacts: number[];
  relays: readonly PeerAddress[];
}

const primitives = {
  sha256: (...parts: readonly Uint8Array[]): Uint8Array => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
  },
};

/** Reports are looked at once a minute at best: so many queues come between two. */
const queuesBetweenReports = 200;
/** Card and intake queue stand at every relay of an account. */
const queuesOfAccount = 2;
const feedRelays = 3;
/** Contacts whose relays an account considers. */
const contactsMax = 24;

export function spreadOver(wish: WorldWish): Spread {
  const world = new World(wish);
  for (let number = 0; number < wish.accounts; number += 1) world.join();
  return world.spread();
}

class World {
  readonly #wish: WorldWish;
  readonly #random: SeededRandomness;
  readonly #relays: readonly PeerAddress[];
  readonly #numbers: ReadonlyMap<Uint8Array, number>;
  readonly #fame: readonly number[];
  readonly #accounts: Account[] = [];
  readonly #queues: number[];
  #reported: readonly number[];
  #placed = 0;

  constructor(wish: WorldWish) {
    this.#wish = wish;
    this.#random = createSeededRandomness(wish.seed);
    this.#relays = Array.from({ length: wish.relays }, () => ({
      key: this.#random.bytes(32) as TransportKey,
    }));
    this.#numbers = new Map(this.#relays.map(({ key }, number) => [key, number]));
    let sum = 0;
    this.#fame = this.#relays.map((_, at) => (sum += wish.fame === 'even' ? 1 : 1 / (at + 1)));
    this.#queues = this.#relays.map(() => 0);
    this.#reported = [...this.#queues];
  }

  /** One more account, which meets as many of those that are there as give all their queues in the end. */
  join(): void {
    const { accounts, queues, named } = this.#wish;
    const account: Account = { id: this.#random.bytes(32), contacts: [], relays: [] };
    const number = this.#accounts.push(account) - 1;
    const met =
      number === 0
        ? []
        : Array.from({ length: queues / accounts / 2 }, () => this.#random.between(0, number - 1));
    for (const other of met) this.#befriend(number, other);
    const told = this.#tell();
    account.relays = this.#choose(account, told.slice(0, named), told.slice(named));
    for (const relay of account.relays) this.#put(relay, queuesOfAccount);
    for (const other of met) {
      // Each of the two writes a feed.
      this.#placeFeed(account, this.#accounts[other] ?? account);
      this.#placeFeed(account, this.#accounts[other] ?? account);
    }
  }

  spread(): Spread {
    const placements = this.#queues.reduce((sum, queues) => sum + queues, 0);
    const mean = placements / this.#queues.length;
    return { max: Math.max(...this.#queues) / mean, min: Math.min(...this.#queues) / mean, placements };
  }

  #befriend(one: number, other: number): void {
    for (const [mine, theirs] of [
      [one, other],
      [other, one],
    ] as const) {
      const contacts = this.#accounts[mine]?.contacts;
      if (contacts !== undefined && contacts.length < contactsMax) contacts.push(theirs);
    }
  }

  #tell(): readonly PeerAddress[] {
    const whole = this.#fame.at(-1) ?? 0;
    const told = new Set<PeerAddress>();
    while (told.size < this.#wish.told) {
      const drawn = this.#random.fraction() * whole;
      const relay = this.#relays[this.#fame.findIndex((upTo) => drawn < upTo)];
      if (relay !== undefined) told.add(relay);
    }
    return [...told];
  }

  #choose(
    account: Account,
    named: readonly PeerAddress[],
    told: readonly PeerAddress[],
  ): readonly PeerAddress[] {
    const candidates = new Map<PeerAddress, RelayCandidate>();
    const add = (relay: PeerAddress, isNamed: boolean, from: string): void => {
      if (candidates.has(relay)) return;
      const health = this.#healthOf(relay);
      candidates.set(relay, { peers: [relay], health, named: isNamed, from, replaced: false });
    };
    for (const relay of named) add(relay, true, '');
    for (const relay of told) add(relay, false, '');
    for (const contact of account.contacts)
      for (const relay of this.#accounts[contact]?.relays ?? []) add(relay, false, `contact ${contact}`);
    const planned = planRelays(primitives, {
      nowMs: 1,
      place: account.id,
      current: [],
      candidates: [...candidates.values()],
      changedMs: 0,
    });
    return planned.map(({ peers }) => peers[0]);
  }

  #placeFeed(writer: Account, reader: Account): void {
    const candidates = [...new Set([...writer.relays, ...reader.relays])];
    const route = this.#random.bytes(16);
    const ranked = rankRelays(primitives, route, candidates, (relay) => this.#healthOf(relay));
    for (const relay of ranked.slice(0, feedRelays)) this.#put(relay, 1);
    this.#placed += 1;
    if (this.#placed % queuesBetweenReports === 0) this.#reported = [...this.#queues];
  }

  #put(relay: PeerAddress, queues: number): void {
    const number = this.#numbers.get(relay.key) ?? 0;
    this.#queues[number] = (this.#queues[number] ?? 0) + queues;
  }

  /** Always there, near, and nearly empty: only the number of queues tells relays from each other. */
  #healthOf({ key }: PeerAddress): RelayHealth {
    const queues = this.#wish.health ? (this.#reported[this.#numbers.get(key) ?? 0] ?? 0) : 0;
    return {
      ...neverMet,
      looks: 100,
      steadyLooks: 100,
      steadySinceMs: 1,
      keepsMail: true,
      rttMs: 20,
      queues,
    };
  }
}
