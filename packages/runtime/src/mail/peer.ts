/**
 * One peer that somebody needs: dials it, again and again, and tells those who need it when there is a link. Never two
 * dials at once; waits double with jitter, and end early when the peer shows itself or a person is waiting.
 */
import type { PeerAddress, Refusal } from '@mycelium/protocol';
import type { Cancellation } from '../ports/cancellation.ts';
import type { Link } from '../ports/transport.ts';
import type { PeerPromise, PeerView } from './agent.ts';
import { createBackoff, type Backoff } from './backoff.ts';
import { ClientLink } from './client-link.ts';
import { Endpoints } from './endpoints.ts';
import type { Surroundings } from './surroundings.ts';

/** Somebody who needs a peer. */
export interface PeerUser {
  /** A link is there and greeted; called at once by `need` when it is there already. */
  linked(link: ClientLink): void;
  unlinked(link: ClientLink): void;
  /** A dial failed, or a link ended. */
  unreachable?(): void;
  /** The peer connected to us: what it refused it may take now. */
  seen?(): void;
}

export interface PeerEvents {
  greeted(peer: PeerAddress, promise: PeerPromise): void;
  changed(): void;
  violated(peer: PeerAddress, refusal: Refusal): void;
}

export class Peer {
  readonly #endpoints: Endpoints;
  readonly #around: Surroundings;
  readonly #events: PeerEvents;
  readonly #users = new Set<PeerUser>();
  readonly #backoff: Backoff;
  #link: ClientLink | undefined;
  #giveUpDial: (() => void) | undefined;
  #retry: { readonly atMs: number; readonly cancel: () => void } | undefined;
  #cancelLinger: () => void = () => undefined;
  #note = 'not needed at the moment';
  #diallingSinceMs = Number.NEGATIVE_INFINITY;
  #linkedAtMs = 0;
  #stopped = false;

  constructor(around: Surroundings, address: PeerAddress, events: PeerEvents) {
    this.#around = around;
    this.#endpoints = new Endpoints(address);
    this.#events = events;
    this.#backoff = createBackoff(around.randomness, around.limits.retryMinMs, around.limits.retryMaxMs);
  }

  get address(): PeerAddress {
    return this.#endpoints.current;
  }

  /** The same key may be reachable elsewhere now, as somebody says. */
  mayBeAt(address: PeerAddress): void {
    this.#endpoints.add(address, this.#link === undefined);
  }

  get link(): ClientLink | undefined {
    return this.#link?.ready === true ? this.#link : undefined;
  }

  get needed(): boolean {
    return this.#users.size > 0 || this.#link !== undefined;
  }

  need(user: PeerUser): void {
    this.#cancelLinger();
    this.#users.add(user);
    const { link } = this;
    if (link !== undefined) user.linked(link);
    else if (this.#retry === undefined) this.#dial();
  }

  noNeed(user: PeerUser): void {
    if (!this.#users.delete(user) || this.#users.size > 0) return;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#cancelLinger = this.#around.clock.after(this.#around.limits.lingerMs, () => this.#letGo());
  }

  /** The peer connected to us. */
  seen(): void {
    this.hurry();
    for (const user of Array.from(this.#users)) user.seen?.();
  }

  /** Somebody waits: an attempt now instead of later. */
  hurry(): void {
    if (this.#retry === undefined || this.#users.size === 0) return;
    const nowMs = this.#around.clock.monotonicMs();
    const atMs = Math.max(nowMs, this.#diallingSinceMs + this.#around.limits.hurryMinMs);
    if (atMs < this.#retry.atMs) this.#retryIn(atMs - nowMs);
  }

  view(): PeerView {
    const common = { peer: this.address, direction: 'out' as const };
    const { link } = this;
    if (link !== undefined) {
      return { ...common, state: 'connected', path: link.path, rttMs: link.rttMs, note: this.#note };
    }
    const waitMs = this.#retry === undefined ? 0 : this.#retry.atMs - this.#around.clock.monotonicMs();
    const state = this.#retry === undefined ? ('connecting' as const) : ('waiting' as const);
    const next = state === 'waiting' ? `; next attempt in ${Math.max(1, Math.ceil(waitMs / 1000))} s` : '';
    return { ...common, state, path: undefined, rttMs: undefined, note: this.#note + next };
  }

  stop(): void {
    this.#stopped = true;
    this.#users.clear();
    this.#retry?.cancel();
    this.#cancelLinger();
    this.#letGo();
  }

  #letGo(): void {
    this.#giveUpDial?.();
    this.#link?.close('not needed any more');
  }

  #dial(): void {
    if (this.#stopped || this.#link !== undefined || this.#giveUpDial !== undefined) return;
    const { transport, clock, limits } = this.#around;
    const attempt = createCancellation();
    const cancelTimeout = clock.after(limits.dialTimeoutMs, attempt.abort);
    this.#giveUpDial = attempt.abort;
    this.#diallingSinceMs = clock.monotonicMs();
    this.#note = 'connecting';
    const settle = (): void => {
      cancelTimeout();
      this.#giveUpDial = undefined;
    };
    transport.dial(this.address, attempt.signal).then(
      (link) => {
        settle();
        this.#dialled(link);
      },
      (error: unknown) => {
        settle();
        this.#endpoints.failed();
        this.#failed(error instanceof Error ? error.message : String(error));
      },
    );
  }

  #dialled(link: Link): void {
    if (this.#stopped || this.#users.size === 0) {
      link.close();
      return;
    }
    this.#linkedAtMs = this.#around.clock.monotonicMs();
    this.#link = new ClientLink(this.#around, link, this.address, {
      ready: (client) => {
        this.#endpoints.worked();
        this.#note = `over ${pathNames[client.path]}, the nearest path that answered`;
        if (client.replicatedOnly)
          this.#note += '; what it keeps is not on a disk at once, and does not count as stored';
        this.#events.greeted(this.address, { replicatedOnly: client.replicatedOnly });
        this.#events.changed();
        for (const user of Array.from(this.#users)) user.linked(client);
      },
      roundTrip: () => this.#events.changed(),
      violated: (_, refusal) => this.#events.violated(this.address, refusal),
      ended: (client, reason) => this.#ended(client, reason),
    });
  }

  #ended(client: ClientLink, reason: string): void {
    if (this.#link !== client && this.#link !== undefined) return;
    const greeted = client.hello !== undefined;
    const { clock, limits } = this.#around;
    if (greeted && clock.monotonicMs() - this.#linkedAtMs >= limits.steadyMs) this.#backoff.reset();
    this.#link = undefined;
    if (!greeted) this.#endpoints.failed();
    if (greeted) for (const user of Array.from(this.#users)) user.unlinked(client);
    this.#failed(reason);
  }

  #failed(reason: string): void {
    this.#note = reason;
    if (this.#stopped) return;
    if (this.#users.size > 0) this.#retryIn(this.#backoff.next());
    for (const user of Array.from(this.#users)) user.unreachable?.();
    this.#events.changed();
  }

  #retryIn(waitMs: number): void {
    const { clock } = this.#around;
    this.#retry?.cancel();
    const cancel = clock.after(waitMs, () => {
      this.#retry = undefined;
      this.#dial();
    });
    this.#retry = { atMs: clock.monotonicMs() + waitMs, cancel };
  }
}

const pathNames = {
  memory: 'memory',
  unix: 'a socket of this machine',
  tcp: 'TCP',
  udp: 'UDP',
  websocket: 'a WebSocket',
} as const;

function createCancellation(): { readonly signal: Cancellation; readonly abort: () => void } {
  const listeners = new Set<() => void>();
  let aborted = false;
  return {
    signal: {
      get aborted() {
        return aborted;
      },
      addEventListener: (_, listener) => {
        listeners.add(listener);
      },
      removeEventListener: (_, listener) => {
        listeners.delete(listener);
      },
    },
    abort() {
      aborted = true;
      for (const listener of listeners) listener();
    },
  };
}
