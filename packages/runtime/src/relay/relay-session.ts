/** One connection of a relay: performs on the store what the serving machine asks for, and hands it the outcomes. */
import {
  type ControlHeader,
  frameBytes,
  frameTag,
  type IndexedFrame,
  type Open,
  type OpenedBounds,
  type QueueBounds,
  routeKey,
  type ServerOutcome,
  type ServerRead,
  type Status,
  type Subscribe,
  type Trim,
} from '@mycelium/protocol';
import type { BackendEffect, ServingSession } from '../mail/serving.ts';
import type { QueueState, QueueStoreLimits } from '../ports/queue-store.ts';
import type { OpenQueues } from './open-queues.ts';
import type { DirectoryDesk } from './directory-desk.ts';
import type { Owners } from './owners.ts';
import { SessionAppends, type SessionAppendsWish } from './session-appends.ts';

export interface RelaySessionWish extends SessionAppendsWish {
  readonly storeLimits: QueueStoreLimits;
  readonly owners: Owners;
  readonly openQueues: OpenQueues;
  readonly desk: DirectoryDesk | undefined;
  readonly connections: () => number;
  readonly track: (work: Promise<void>) => void;
}

/** The disk failed under a read for a subscription: not asked again before this. */
const readRetryMs = 1000;

export class RelaySession implements ServingSession {
  readonly #wish: RelaySessionWish;
  readonly #appends: SessionAppends;
  readonly #owned = new Set<string>();
  readonly #readable = new Set<string>();
  readonly #watched = new Set<string>();
  #ended = false;

  constructor(wish: RelaySessionWish) {
    this.#wish = wish;
    this.#appends = new SessionAppends(wish);
  }

  perform(effect: BackendEffect): void {
    this.#wish.track(this.#perform(effect));
  }

  end(): void {
    this.#ended = true;
    const { connection, openQueues, owners } = this.#wish;
    owners.release(this.#owned, connection);
    openQueues.release(connection.source, this.#owned.size + this.#readable.size);
    this.#owned.clear();
    this.#readable.clear();
    for (const key of this.#watched) this.#wish.watchers.remove(key, this.#wish.connection);
  }

  /** Calls the store before it first waits: so effects take effect in their order. */
  #perform(effect: BackendEffect): Promise<void> {
    switch (effect.kind) {
      case 'open':
        return effect.open.role === 'owner' ? this.#openOwned(effect.open) : this.#openToRead(effect.open);
      case 'append':
        return this.#appends.append(effect.appends);
      case 'look-up':
        return this.#appends.lookUp(effect);
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
      case 'seek':
        void this.#askDesk(effect.lookUp, (desk) => desk.lookUp(this.#wish.connection, effect.lookUp));
        return Promise.resolve(); // a relay that stops does not wait for the directory
      case 'publish':
        void this.#askDesk(effect.publish, (desk) => desk.publish(this.#wish.connection, effect.publish));
        return Promise.resolve();
    }
  }

  async #askDesk(
    { route, requestId }: ControlHeader,
    ask: (desk: DirectoryDesk) => ReturnType<DirectoryDesk['lookUp']>,
  ): Promise<void> {
    const { connection, desk } = this.#wish;
    // Views of the link's bytes, which the link may use again.
    const request = { route: route.slice(), requestId: requestId.slice() };
    const outcome = desk === undefined ? ({ kind: 'refused', name: 'failed' } as const) : await ask(desk);
    connection.give({ kind: 'directory', request, outcome });
  }

  async #openOwned(open: Open): Promise<void> {
    const { connection, meter } = this.#wish;
    const outcome = await this.#openAsOwner(open);
    meter.opened('owner', outcome.kind === 'ok' ? 'ok' : outcome.name);
    connection.give({ kind: 'opened', open, outcome });
  }

  async #openAsOwner(open: Open): Promise<ServerOutcome<OpenedBounds>> {
    const { connection, owners, policy, relayBounds, store, tokens } = this.#wish;
    if (!policy().mayOwn(connection.peerKey)) return { kind: 'refused', name: 'not-authorized' };
    const key = routeKey(open.route);
    if (!this.#count(this.#owned, key)) return { kind: 'refused', name: 'limit' };
    owners.take(open.route, connection);
    const isNew = connection.source !== undefined && (await this.#isNew(open.route));
    const retryAfterMs = isNew ? Math.ceil(relayBounds.newQueue(connection)) : 0;
    const state =
      retryAfterMs > 0
        ? 'rate'
        : await store.open(open.route, open.base, open.intakeDifficulty).catch(() => 'failed' as const);
    if (typeof state !== 'string') {
      // Where they cannot be kept, those who have one go by a stamp.
      if (open.intakeDifficulty !== undefined) await tokens.tell(open.route, open.intakeTokens ?? []);
      const { first, next } = state;
      // The owner sees by it whether what stands there is its own.
      const lastTag =
        open.intakeDifficulty === undefined ? await this.#lastTag(open.route, state) : undefined;
      return { kind: 'ok', first, next, lastTag };
    }
    // It owns nothing here: a flood of what is refused leaves nothing behind.
    this.#forget(this.#owned, key);
    owners.release([key], connection);
    return { kind: 'refused', name: state, retryAfterMs };
  }

  /** One that cannot be looked at now cannot be opened either; that is told then. */
  async #isNew(route: Uint8Array): Promise<boolean> {
    return this.#wish.store.state(route).then(
      (state) => state === undefined,
      () => false,
    );
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
    const outcome = await this.#openAsReader(open);
    this.#wish.meter.opened('reader', outcome.kind === 'ok' ? 'ok' : outcome.name);
    this.#wish.connection.give({ kind: 'opened', open, outcome });
  }

  async #openAsReader(open: Open): Promise<ServerOutcome<OpenedBounds>> {
    const key = routeKey(open.route);
    if (!this.#count(this.#readable, key)) return { kind: 'refused', name: 'limit' };
    try {
      return { kind: 'ok', ...bounds(await this.#wish.store.state(open.route)) };
    } catch {
      this.#forget(this.#readable, key);
      return { kind: 'refused', name: 'failed' };
    }
  }

  /** False: its source has too many queues open already. */
  #count(opened: Set<string>, key: string): boolean {
    const { connection, openQueues } = this.#wish;
    if (!opened.has(key) && !openQueues.take(connection.source)) return false;
    opened.add(key);
    return true;
  }

  #forget(opened: Set<string>, key: string): void {
    const { connection, openQueues } = this.#wish;
    if (opened.delete(key)) openQueues.release(connection.source, 1);
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
    const { clock, connection, meter, store } = this.#wish;
    try {
      const { first, next } = bounds(await store.state(read.route));
      const found = await store.read(read.route, read.from, read.framesMax, read.bytesMax);
      const frames: readonly IndexedFrame[] = found.filter(({ index }) => index < next);
      meter.read('ok', frames.length, sumOfBytes(frames));
      connection.give({ kind: 'read', read, bounds: { first, next }, frames });
    } catch {
      meter.read('failed', 0, 0);
      if (read.reason.kind === 'fetch') connection.give({ kind: 'fetch-failed', fetch: read.reason.fetch });
      else if (!this.#ended) clock.after(readRetryMs, () => this.perform({ kind: 'read', read }));
    }
  }

  async #trim(trim: Trim): Promise<void> {
    const { connection, meter, store, watchers } = this.#wish;
    try {
      await store.trim(trim.route, trim.upTo);
      const { first, next } = bounds(await store.state(trim.route));
      watchers.learn(routeKey(trim.route), { first, next });
      meter.trimmed('ok');
      connection.give({ kind: 'trimmed', trim, outcome: { kind: 'ok', first, next } });
    } catch {
      meter.trimmed('failed');
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

function sumOfBytes(frames: readonly IndexedFrame[]): number {
  return frames.reduce((sum, { frame }) => sum + frame.length, 0);
}
