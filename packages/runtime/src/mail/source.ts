/** One followed queue at one peer that may have it: opened as reader, asked how far it is. */
import type { ClientQueueEffect, PeerAddress, ServedFrames } from '@mycelium/protocol';
import type { FollowedQueue } from './agent.ts';
import { createBackoff, type Backoff } from './backoff.ts';
import type { ClientLink, QueueUser } from './client-link.ts';
import type { PeerUser } from './peer.ts';
import type { Surroundings } from './surroundings.ts';

export interface SourceEvents {
  /** The peer can be asked, or knows more than before. */
  standing(source: Source): void;
  pushed(source: Source, served: ServedFrames): void;
  /** The answer to a fetch with a count above zero. */
  fetched(source: Source, served: ServedFrames): void;
  /** Nothing can be asked of it for now. */
  lost(source: Source): void;
}

export class Source implements PeerUser, QueueUser {
  readonly peer: PeerAddress;
  readonly #around: Surroundings;
  readonly #queue: FollowedQueue & { readonly readerPublicKey: Uint8Array };
  readonly #events: SourceEvents;
  readonly #backoff: Backoff;
  #link: ClientLink | undefined;
  #cancelReopen: () => void = () => undefined;
  #usable = false;
  #subscribed = false;
  #fetch: { readonly count: number; readonly sinceMs: number } | undefined;
  /** The peer's own word on what it has. */
  first = 0;
  next = 0;
  #strikes = 0;
  #avoidedUntilMs = 0;

  constructor(
    around: Surroundings,
    queue: FollowedQueue & { readonly readerPublicKey: Uint8Array },
    peer: PeerAddress,
    events: SourceEvents,
  ) {
    this.#around = around;
    this.#queue = queue;
    this.peer = peer;
    this.#events = events;
    this.#backoff = createBackoff(around.randomness, around.limits.reopenMinMs, around.limits.reopenMaxMs);
  }

  get usable(): boolean {
    return this.#usable;
  }

  get subscribed(): boolean {
    return this.#subscribed;
  }

  get fetching(): boolean {
    return this.#fetch !== undefined;
  }

  get avoided(): boolean {
    return this.#avoidedUntilMs > this.#around.clock.monotonicMs();
  }

  /** It claimed to have what it did not send, or sent what the owner did not write: others are preferred for a while. */
  avoid(): void {
    const { headCheckMs, gapPatienceMs } = this.#around.limits;
    const waitMs = Math.min(gapPatienceMs, headCheckMs * 2 ** this.#strikes);
    this.#strikes = Math.min(this.#strikes + 1, 20);
    this.#avoidedUntilMs = this.#around.clock.monotonicMs() + waitMs;
  }

  /** Frames of it were good. */
  praise(): void {
    this.#strikes = 0;
  }

  linked(link: ClientLink): void {
    this.#link = link;
    link.attach(this.#queue.route, this);
    this.#open();
  }

  unlinked(): void {
    this.#link = undefined;
    this.#unusable();
  }

  stop(): void {
    this.#cancelReopen();
    this.#link?.detach(this.#queue.route, this);
    this.#link = undefined;
    this.#usable = false;
  }

  subscribe(from: number): void {
    this.#subscribed = true;
    this.#link?.give(this.#queue.route, { kind: 'subscribe', from });
  }

  unsubscribe(): void {
    if (!this.#subscribed) return;
    this.#subscribed = false;
    this.#link?.give(this.#queue.route, { kind: 'unsubscribe' });
  }

  /** With a count of zero only asks how far the peer is. */
  fetch(from: number, count: number): void {
    this.#fetch = { count, sinceMs: this.#around.clock.monotonicMs() };
    this.#link?.give(this.#queue.route, { kind: 'fetch', from, count, tag: sourceTag });
  }

  /** An answer that takes longer than that is not waited for. */
  giveUpFetch(olderThanMs: number): boolean {
    if (this.#fetch === undefined) return false;
    if (this.#around.clock.monotonicMs() - this.#fetch.sinceMs < olderThanMs) return false;
    this.#fetch = undefined;
    return true;
  }

  /** Bytes that wait for our disk count against the link they came over. */
  hold(bytes: number): () => void {
    const link = this.#link;
    link?.hold(bytes);
    return () => link?.release(bytes);
  }

  heard(effect: ClientQueueEffect): void {
    switch (effect.kind) {
      case 'opened':
        if (effect.role !== 'reader') return;
        this.#usable = true;
        this.#backoff.reset();
        return this.#stands(effect.first, effect.next);
      case 'subscribed':
        return this.#stands(effect.first, effect.next);
      case 'pushed':
        this.#learn(effect.served.availableFirst, effect.served.next);
        return this.#events.pushed(this, effect.served);
      case 'fetched':
        if (effect.tag === sourceTag) this.#fetched(effect.served);
        return;
      case 'refused':
        return this.#refused(effect);
      case 'send':
      case 'acknowledged':
      case 'stopped':
      case 'trimmed':
      case 'unknown-answer':
      case 'violation':
        return;
    }
  }

  #open(): void {
    const link = this.#link;
    const server = link?.hello;
    if (link === undefined || server === undefined) return;
    const { route, readerSeed, readerPublicKey, ownerPublicKey } = this.#queue;
    link.give(route, {
      kind: 'open',
      role: 'reader',
      server: { challenge: server.challenge, transportKey: link.peer.key },
      primitives: this.#around.primitives,
      seed: readerSeed,
      readerPublicKey,
      ownerPublicKey,
      base: 0,
      intakeDifficulty: undefined,
    });
  }

  #fetched(served: ServedFrames): void {
    const fetch = this.#fetch;
    this.#fetch = undefined;
    this.#learn(served.availableFirst, served.next);
    if (fetch !== undefined && fetch.count > 0) this.#events.fetched(this, served);
    else this.#events.standing(this);
  }

  #refused(effect: Extract<ClientQueueEffect, { kind: 'refused' }>): void {
    const { request, retryAfterMs } = effect;
    const ours =
      request.kind === 'subscribe' ||
      (request.kind === 'open' && request.role === 'reader') ||
      (request.kind === 'fetch' && request.tag === sourceTag);
    if (!ours) return;
    this.#unusable();
    this.#cancelReopen = this.#around.clock.after(Math.max(retryAfterMs, this.#backoff.next()), () =>
      this.#open(),
    );
  }

  #unusable(): void {
    this.#cancelReopen();
    this.#usable = false;
    this.#subscribed = false;
    this.#fetch = undefined;
    this.#events.lost(this);
  }

  #learn(first: number, next: number): void {
    this.first = first;
    this.next = next;
  }

  #stands(first: number, next: number): void {
    this.#learn(first, next);
    this.#events.standing(this);
  }
}

/** Fetches of a followed queue; `readOnce` has tags of its own. */
const sourceTag = 0;
