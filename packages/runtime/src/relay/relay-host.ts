/**
 * A relay: serves all queues of a `QueueStore` to whoever proves that they may (spec/mail.md, "Serving"). It knows routes,
 * times and sizes. One session for each connection performs what the serving machine asks for; what they share is here:
 * who owns which queue, who watches which, and how much of it all there may be.
 */
import type { Primitives, ServerLimits, TokenRate } from '@mycelium/protocol';
import type { ServedConnection, ServingBackend, ServingSession } from '../mail/serving.ts';
import type { Clock } from '../ports/clock.ts';
import type { QueueStore, QueueStoreLimits } from '../ports/queue-store.ts';
import type { DirectoryDesk } from './directory-desk.ts';
import { IntakeGuard } from './intake-guard.ts';
import { OpenQueues } from './open-queues.ts';
import { Owners } from './owners.ts';
import { RelayBounds } from './relay-bounds.ts';
import { noMeter, type RelayMeter } from './relay-meter.ts';
import { usualRelayPolicy, type RelayPolicy } from './relay-policy.ts';
import { RelaySession } from './relay-session.ts';
import { TokenIntake } from './token-intake.ts';
import { Watchers } from './watchers.ts';

export interface RelayHostWish {
  readonly store: QueueStore;
  /** The store's, to tell peers of them. */
  readonly storeLimits: QueueStoreLimits;
  readonly clock: Clock;
  readonly primitives: Pick<Primitives, 'sha256' | 'hmacSha256' | 'equal'>;
  /** Asks the directory for others. */
  readonly desk?: DirectoryDesk;
  /** Asked for at each decision. Default: `usualRelayPolicy`. */
  readonly policy?: () => RelayPolicy;
  readonly meter?: RelayMeter;
  /** The upkeep of the store failed; it is tried again in an hour. */
  readonly onUpkeepFailure?: (error: unknown) => void;
}

export interface RelayHost extends ServingBackend {
  /** What connections are told and held to: the usual bounds with the store's. */
  serverLimits(usual: ServerLimits): ServerLimits;
  /** Connections served at the moment. */
  readonly connections: number;
  /** Forgets what has expired, at once and every hour from now on. */
  start(): void;
  /** Begins nothing more, and resolves when everything under way has been answered. Links and store are the caller's. */
  stop(): Promise<void>;
}

/** Of all queues together: a flood fills no batch. */
const stampedUnderWayMax = 32;
const upkeepEveryMs = 3_600_000;

export function createRelayHost(wish: RelayHostWish): RelayHost {
  return new Host(wish);
}

class Host implements RelayHost {
  readonly #wish: RelayHostWish;
  readonly #owners: Owners;
  readonly #openQueues = new OpenQueues(() => this.#policy().sourceOpens);
  readonly #watchers: Watchers;
  readonly #intake: IntakeGuard;
  readonly #tokens: TokenIntake;
  readonly #bounds: RelayBounds;
  readonly #policy: () => RelayPolicy;
  readonly #meter: RelayMeter;
  readonly #underWay = new Set<Promise<void>>();
  #connections = 0;
  #cancelUpkeep: () => void = () => undefined;
  #stopped = false;

  constructor(wish: RelayHostWish) {
    this.#wish = wish;
    this.#policy = wish.policy ?? (() => usualRelayPolicy);
    this.#meter = wish.meter ?? noMeter;
    const { clock, primitives } = wish;
    const perQueue = (): TokenRate => this.#policy().queueIntake;
    this.#intake = new IntakeGuard({ primitives, clock, perQueue, underWayMax: stampedUnderWayMax });
    this.#tokens = new TokenIntake(wish, () => this.#policy().queueTokens);
    this.#bounds = new RelayBounds(wish.clock, this.#policy);
    const { elsewhere } = wish.store;
    this.#owners = new Owners(elsewhere);
    this.#watchers = new Watchers(elsewhere);
    elsewhere?.listen((news) => {
      if (news.kind === 'opened') return this.#owners.takenElsewhere(news.route);
      this.#tokens.grownElsewhere(news.route, news.next);
      this.#watchers.grown([{ route: news.route, next: news.next, frames: [] }]);
    });
  }

  get connections(): number {
    return this.#connections;
  }

  serverLimits(usual: ServerLimits): ServerLimits {
    const { retentionMs, framesPerQueueMax } = this.#wish.storeLimits;
    return { ...usual, retentionSeconds: Math.floor(retentionMs / 1000), queueFramesMax: framesPerQueueMax };
  }

  begin(connection: ServedConnection): ServingSession {
    this.#connections += 1;
    const session = new RelaySession({
      connection,
      store: this.#wish.store,
      storeLimits: this.#wish.storeLimits,
      clock: this.#wish.clock,
      owners: this.#owners,
      openQueues: this.#openQueues,
      desk: this.#wish.desk,
      watchers: this.#watchers,
      intake: this.#intake,
      tokens: this.#tokens,
      relayBounds: this.#bounds,
      policy: this.#policy,
      meter: this.#meter,
      connections: () => this.#connections,
      track: (work) => this.#track(work),
    });
    return {
      perform: (effect) => (this.#stopped ? undefined : session.perform(effect)),
      end: () => {
        this.#connections -= 1;
        session.end();
      },
    };
  }

  #track(work: Promise<void>): void {
    this.#underWay.add(work);
    const done = (): boolean => this.#underWay.delete(work);
    work.then(done, done); // a store that fails has nothing to answer; the peer asks again
  }

  start(): void {
    const upkeep = async (): Promise<void> => {
      try {
        this.#meter.upkeep(await this.#wish.store.expire());
      } catch (error) {
        this.#meter.upkeep(undefined);
        this.#wish.onUpkeepFailure?.(error);
      }
      this.#intake.tidy();
      this.#tokens.tidy();
      this.#bounds.tidy();
      if (!this.#stopped)
        this.#cancelUpkeep = this.#wish.clock.after(upkeepEveryMs, () => this.#track(upkeep()));
    };
    this.#track(upkeep());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelUpkeep();
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }
}
