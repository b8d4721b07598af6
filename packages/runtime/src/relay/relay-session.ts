/** One connection of a relay: performs on the store what the serving machine asks for, and hands it the outcomes. */
import {
  frameBytes,
  frameTag,
  type IndexedFrame,
  type Open,
  type QueueBounds,
  routeKey,
  type ServerAppend,
  type ServerAppendOutcome,
  type ServerRead,
  type Status,
  type Subscribe,
  type Trim,
} from '@mycelium/protocol';
import type { BackendEffect, ServedConnection, ServingSession } from '../mail/serving.ts';
import type { Clock } from '../ports/clock.ts';
import type { AppendOutcome, QueueState, QueueStore, QueueStoreLimits } from '../ports/queue-store.ts';
import type { IntakeGuard } from './intake-guard.ts';
import type { Owners } from './owners.ts';
import type { Watchers } from './watchers.ts';

export interface RelaySessionWish {
  readonly connection: ServedConnection;
  readonly store: QueueStore;
  readonly storeLimits: QueueStoreLimits;
  readonly clock: Clock;
  readonly owners: Owners;
  readonly watchers: Watchers;
  readonly intake: IntakeGuard;
  readonly connections: () => number;
  readonly track: (work: Promise<void>) => void;
}

/** The disk failed under a read for a subscription: not asked again before this. */
const readRetryMs = 1000;
/** The store did not take a frame for a reason that passes. */
const appendRetryMs = 1000;

export class RelaySession implements ServingSession {
  readonly #wish: RelaySessionWish;
  readonly #owned = new Set<string>();
  readonly #watched = new Set<string>();
  #ended = false;

  constructor(wish: RelaySessionWish) {
    this.#wish = wish;
  }

  perform(effect: BackendEffect): void {
    this.#wish.track(this.#perform(effect));
  }

  end(): void {
    this.#ended = true;
    this.#wish.owners.release(this.#owned, this.#wish.connection);
    for (const key of this.#watched) this.#wish.watchers.remove(key, this.#wish.connection);
  }

  /** Calls the store before it first waits: so effects take effect in their order. */
  #perform(effect: BackendEffect): Promise<void> {
    switch (effect.kind) {
      case 'open':
        return effect.open.role === 'owner' ? this.#openOwned(effect.open) : this.#openToRead(effect.open);
      case 'append':
        return this.#append(effect.appends);
      case 'look-up':
        return this.#lookUp(effect);
      case 'watch':
        return this.#watch(effect.subscribe);
      case 'unwatch':
        this.#watched.delete(routeKey(effect.route));
        this.#wish.watchers.remove(routeKey(effect.route), this.#wish.connection);
        return Promise.resolve();
      case 'read':
        return this.#read(effect.read);
      case 'trim':
        return this.#trim(effect.trim);
      case 'report':
        return this.#report(effect.status);
    }
  }

  async #openOwned(open: Open): Promise<void> {
    const { connection, owners, store } = this.#wish;
    this.#owned.add(routeKey(open.route));
    owners.take(open.route, connection);
    const state = await store
      .open(open.route, open.base, open.intakeDifficulty)
      .catch(() => 'failed' as const);
    if (typeof state === 'string') {
      connection.give({ kind: 'opened', open, outcome: { kind: 'refused', name: state } });
      return;
    }
    const { first, next } = state;
    // The owner sees by it whether what stands there is its own.
    const lastTag = open.intakeDifficulty === undefined ? await this.#lastTag(open.route, state) : undefined;
    connection.give({ kind: 'opened', open, outcome: { kind: 'ok', first, next, lastTag } });
  }

  async #lastTag(
    route: Uint8Array,
    { first, next }: { readonly first: number; readonly next: number },
  ): Promise<Uint8Array | undefined> {
    if (next === first) return undefined;
    const frames = await this.#wish.store.read(route, next - 1, 1, frameBytes.chunk).catch(() => []);
    const last = frames.find(({ index }) => index === next - 1);
    return last === undefined ? undefined : frameTag(last.frame);
  }

  /** Also of a queue that nobody has opened as its owner yet: it is empty so far. */
  async #openToRead(open: Open): Promise<void> {
    const outcome = await this.#wish.store.state(open.route).then(
      (state) => ({ kind: 'ok', ...bounds(state) }) as const,
      () => ({ kind: 'refused', name: 'failed' }) as const,
    );
    this.#wish.connection.give({ kind: 'opened', open, outcome });
  }

  async #append(appends: readonly ServerAppend[]): Promise<void> {
    const intake = appends.filter(({ index }) => index === undefined);
    if (intake.length === 0) return this.#appendMail(appends);
    const mail = appends.filter(({ index }) => index !== undefined);
    await Promise.all([
      mail.length > 0 ? this.#appendMail(mail) : undefined,
      ...intake.map((append) => this.#appendIntake(append)),
    ]);
  }

  async #appendMail(appends: readonly ServerAppend[]): Promise<void> {
    const outcomes = await this.#store(appends);
    const results = appends.map((append, at) => ({ append, outcome: answerFor(outcomes[at]) }));
    this.#wish.connection.give({ kind: 'appended', results });
  }

  async #appendIntake(append: ServerAppend): Promise<void> {
    const store = async (): Promise<ServerAppendOutcome> => answerFor((await this.#store([append]))[0]);
    const outcome = await this.#wish.intake.append(append.frame, append.route, store);
    this.#wish.connection.give({ kind: 'appended', results: [{ append, outcome }] });
  }

  /** Stores and tells who watches. */
  async #store(appends: readonly ServerAppend[]): Promise<readonly AppendOutcome[]> {
    const failed = { kind: 'refused', reason: 'failed' } as const;
    const outcomes = await this.#wish.store.append(appends).catch(() => appends.map(() => failed));
    this.#wish.watchers.grown(grownQueues(appends, outcomes));
    return outcomes;
  }

  async #lookUp(effect: BackendEffect & { readonly kind: 'look-up' }): Promise<void> {
    const { intake, frame } = effect;
    const state = await this.#wish.store.state(intake.route).catch(() => 'failed' as const);
    if (state === 'failed') return this.#failIntake(effect);
    const nowMs = this.#wish.clock.nowMs();
    this.#wish.connection.give({
      kind: 'difficulty',
      intake,
      frame,
      difficulty: state?.intakeDifficulty,
      nowMs,
    });
  }

  /** Whether it is an intake queue nobody can say at the moment. */
  #failIntake({ intake, frame }: BackendEffect & { readonly kind: 'look-up' }): void {
    const append = { route: intake.route, index: undefined, frame };
    const outcome = answerFor(undefined);
    this.#wish.connection.give({ kind: 'appended', results: [{ append, outcome }] });
  }

  async #watch(subscribe: Subscribe): Promise<void> {
    const { clock, connection, store, watchers } = this.#wish;
    const key = routeKey(subscribe.route);
    this.#watched.add(key);
    watchers.add(subscribe.route, connection); // before the look at the store: what comes in between is heard of
    try {
      const state = await store.state(subscribe.route);
      if (!this.#watched.has(key)) return;
      connection.give({ kind: 'watched', subscribe, bounds: watchers.learn(key, bounds(state)) });
    } catch {
      if (this.#ended) return;
      clock.after(readRetryMs, () => {
        if (this.#watched.has(key)) this.perform({ kind: 'watch', subscribe });
      });
    }
  }

  async #read(read: ServerRead): Promise<void> {
    const { clock, connection, store } = this.#wish;
    try {
      const { first, next } = bounds(await store.state(read.route));
      const found = await store.read(read.route, read.from, read.framesMax, read.bytesMax);
      const frames: readonly IndexedFrame[] = found.filter(({ index }) => index < next);
      connection.give({ kind: 'read', read, bounds: { first, next }, frames });
    } catch {
      if (read.reason.kind === 'fetch') connection.give({ kind: 'fetch-failed', fetch: read.reason.fetch });
      else if (!this.#ended) clock.after(readRetryMs, () => this.perform({ kind: 'read', read }));
    }
  }

  async #trim(trim: Trim): Promise<void> {
    const { connection, store, watchers } = this.#wish;
    try {
      await store.trim(trim.route, trim.upTo);
      const { first, next } = bounds(await store.state(trim.route));
      watchers.learn(routeKey(trim.route), { first, next });
      connection.give({ kind: 'trimmed', trim, outcome: { kind: 'ok', first, next } });
    } catch {
      connection.give({ kind: 'trimmed', trim, outcome: { kind: 'refused', name: 'failed' } });
    }
  }

  async #report(status: Status): Promise<void> {
    const { connection, connections, store, storeLimits } = this.#wish;
    const { queues, bytes } = await store.usage();
    const report = {
      loadPercent: Math.min(100, Math.round((bytes * 100) / storeLimits.bytesMax)),
      queues,
      connections: connections(),
      retentionSeconds: Math.floor(storeLimits.retentionMs / 1000),
      queueFramesMax: storeLimits.framesPerQueueMax,
    };
    connection.give({ kind: 'reported', status, report });
  }
}

/** A queue that nobody has opened yet is empty so far. */
function bounds(state: QueueState | undefined): QueueBounds {
  return { first: state?.first ?? 0, next: state?.next ?? 0 };
}

function answerFor(outcome: AppendOutcome | undefined): ServerAppendOutcome {
  if (outcome?.kind === 'stored') return outcome;
  const name = outcome?.reason ?? 'failed';
  return { kind: 'refused', name, retryAfterMs: name === 'failed' ? appendRetryMs : 0 };
}

interface GrownRun {
  readonly route: Uint8Array;
  next: number;
  readonly frames: Uint8Array[];
}

/** Stored frames by queue, in runs of consecutive indices. */
function grownQueues(
  appends: readonly ServerAppend[],
  outcomes: readonly AppendOutcome[],
): readonly GrownRun[] {
  const byRoute = new Map<string, GrownRun>();
  let run: GrownRun | undefined;
  for (const [at, { route, frame }] of appends.entries()) {
    const outcome = outcomes[at];
    if (outcome?.kind !== 'stored') continue;
    if (run?.route !== route) run = byRoute.get(routeKey(route));
    if (run !== undefined && run.next === outcome.index) {
      run.frames.push(frame);
      run.next += 1;
    } else {
      run = { route, next: outcome.index + 1, frames: [frame] };
      byRoute.set(routeKey(route), run);
    }
  }
  return [...byRoute.values()];
}
