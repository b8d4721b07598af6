/**
 * One peer that somebody needs: kept reachable over its paths (`peer-paths.ts`), for ever; those who need it are told which
 * link to use, and when another one takes over. Let go a while after nobody needs it any more.
 */
import type { PeerAddress, Refusal } from '@mycelium/protocol';
import { viewPaths } from '../paths/view.ts';
import type { PeerPromise, PeerView } from './agent.ts';
import type { ClientLink } from './client-link.ts';
import { Endpoints } from './endpoints.ts';
import { PeerPaths } from './peer-paths.ts';
import type { Surroundings } from './surroundings.ts';

/** Somebody who needs a peer. */
export interface PeerUser {
  /** A link is there and greeted; called at once by `need` when it is there already. */
  linked(link: ClientLink): void;
  /** It ended, or another one takes over, of which `linked` tells next. */
  unlinked(link: ClientLink): void;
  /** Every path failed, or the last link ended. */
  unreachable?(): void;
  /** The peer connected to us: what it refused it may take now. */
  seen?(): void;
}

export interface PeerEvents {
  greeted(peer: PeerAddress, promise: PeerPromise): void;
  changed(): void;
  violated(peer: PeerAddress, refusal: Refusal): void;
}

const replicatedNote = '; what it keeps is not on a disk at once, and does not count as stored';

export class Peer {
  readonly #endpoints: Endpoints;
  readonly #around: Surroundings;
  readonly #events: PeerEvents;
  readonly #paths: PeerPaths;
  readonly #users = new Set<PeerUser>();
  #through: readonly PeerAddress[] = [];
  #link: ClientLink | undefined;
  #cancelLinger: () => void = () => undefined;
  #stopped = false;

  constructor(around: Surroundings, address: PeerAddress, events: PeerEvents) {
    this.#around = around;
    this.#events = events;
    this.#endpoints = new Endpoints(address);
    this.#paths = new PeerPaths(around, {
      addresses: () => this.#endpoints.all,
      through: () => this.#through,
      used: (link) => this.#use(link),
      unreachable: () => {
        for (const user of Array.from(this.#users)) user.unreachable?.();
      },
      changed: () => events.changed(),
      violated: (refusal) => events.violated(this.address, refusal),
    });
  }

  get address(): PeerAddress {
    return this.#endpoints.best;
  }

  /** The same key may be reachable elsewhere now, as somebody says. */
  mayBeAt(address: PeerAddress): void {
    if (this.#endpoints.add(address) && this.#users.size > 0) this.#paths.look();
  }

  /** Where it may be called, when nothing leads to it: at relays that both sides use. */
  mayBeThrough(relays: readonly PeerAddress[]): void {
    this.#through = relays;
    if (this.#users.size > 0) this.#paths.look();
  }

  get link(): ClientLink | undefined {
    return this.#link?.ready === true ? this.#link : undefined;
  }

  get needed(): boolean {
    return this.#users.size > 0 || !this.#paths.isIdle;
  }

  need(user: PeerUser): void {
    this.#cancelLinger();
    this.#users.add(user);
    const { link } = this;
    if (link !== undefined) user.linked(link);
    if (!this.#stopped) this.#paths.want(true);
  }

  noNeed(user: PeerUser): void {
    if (!this.#users.delete(user) || this.#users.size > 0) return;
    this.#cancelLinger = this.#around.clock.after(this.#around.limits.lingerMs, () =>
      this.#paths.want(false),
    );
  }

  /** The peer connected to us. */
  seen(): void {
    this.hurry();
    for (const user of Array.from(this.#users)) user.seen?.();
  }

  /** Somebody waits: an attempt now instead of later. */
  hurry(): void {
    if (this.#users.size > 0 && this.#link === undefined) this.#paths.give({ kind: 'hurry' });
  }

  /** Our networks have changed, or somebody was heard on one. */
  lookAgain(): void {
    if (this.#users.size > 0) this.#paths.moved();
  }

  view(): PeerView {
    const nowMs = this.#around.clock.monotonicMs();
    const view = viewPaths(this.#paths.state, nowMs);
    const promise = this.link?.replicatedOnly === true ? replicatedNote : '';
    return { ...view, peer: this.address, direction: 'out', note: view.note + promise };
  }

  stop(): void {
    this.#stopped = true;
    this.#users.clear();
    this.#cancelLinger();
    this.#paths.want(false);
  }

  #use(link: ClientLink | undefined): void {
    const before = this.#link;
    this.#link = link;
    if (before === link) return;
    const users = Array.from(this.#users);
    if (before !== undefined) {
      for (const user of users) user.unlinked(before);
      before.detachAll();
    }
    if (link === undefined) return;
    this.#endpoints.worked(link.peer.endpoint);
    this.#events.greeted(this.address, { replicatedOnly: link.replicatedOnly });
    for (const user of users) if (this.#users.has(user) && this.#link === link) user.linked(link);
  }
}
