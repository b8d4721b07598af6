/**
 * One followed queue: subscribed at one peer, compared with the others, moved to another when the one we follow dies,
 * stalls or knows less; gaps fetched wherever they are; direct appends taken from the owner. Whatever way a frame comes,
 * its index says whether it is new.
 */
import type { PeerAddress, ServedFrames } from '@mycelium/protocol';
import type { FollowedQueue, MailHandler } from './agent.ts';
import { Delivery, type BatchOutcome } from './delivery.ts';
import { nextGapMove, openGap, type Gap } from './gap.ts';
import type { Peer } from './peer.ts';
import { Source } from './source.ts';
import type { Surroundings } from './surroundings.ts';

export type DirectOutcome =
  { readonly kind: 'stored' } | { readonly kind: 'failed'; readonly retryAfterMs: number };

interface FollowedPeer {
  readonly peer: Peer;
  readonly source: Source;
}

export class Follower {
  readonly #around: Surroundings;
  readonly #delivery: Delivery;
  readonly #queue: FollowedQueue & { readonly readerPublicKey: Uint8Array };
  #peers: FollowedPeer[] = [];
  #primary: Source | undefined;
  #gap: Gap | undefined;
  /** Since when something is said to be missing where we are. */
  #hole: { readonly wanted: number; readonly sinceMs: number } | undefined;
  #activeUntilMs = 0;
  #cancelCheck: () => void = () => undefined;
  #stall: { readonly wanted: number; readonly cancel: () => void } | undefined;
  #stopped = false;

  constructor(
    around: Surroundings,
    handler: MailHandler,
    queue: FollowedQueue & { readonly readerPublicKey: Uint8Array },
  ) {
    this.#around = around;
    this.#queue = queue;
    this.#delivery = new Delivery(around, handler, queue, {
      idle: () => this.#evaluate(),
      failed: () => this.#primary?.unsubscribe(),
      recovered: () => this.#restart(),
    });
    this.#checkLater();
  }

  get wanted(): number {
    return this.#delivery.wanted;
  }

  /** Declared again: other peers, or a store that was moved on. */
  update(from: number, peers: readonly Peer[]): void {
    this.#delivery.advance(from);
    const gone = this.#peers.filter(({ peer }) => !peers.includes(peer));
    this.#peers = this.#peers.filter((known) => !gone.includes(known));
    for (const { peer, source } of gone) this.#forget(peer, source);
    for (const peer of peers) {
      if (this.#peers.some((known) => known.peer === peer)) continue;
      const source = new Source(this.#around, this.#queue, peer.address, {
        standing: () => this.#evaluate(),
        pushed: (from_, served) => this.#pushed(from_, served),
        fetched: (from_, served) => this.#fetched(from_, served),
        lost: (lost) => this.#lost(lost),
      });
      this.#peers.push({ peer, source });
      peer.need(source);
    }
  }

  /** Frames that their owner appended here; `firstIndex` is where the owner's connection stands. */
  takeDirect(firstIndex: number, frames: readonly Uint8Array[], from: PeerAddress): Promise<DirectOutcome> {
    return new Promise((resolve) => {
      const failed = (): void => resolve({ kind: 'failed', retryAfterMs: this.#delivery.restMs ?? 0 });
      const settled = (outcome: BatchOutcome): void =>
        outcome === 'stored' ? resolve({ kind: 'stored' }) : failed();
      if (!this.#delivery.add({ firstIndex, frames, from, settled })) failed();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelCheck();
    this.#stall?.cancel();
    for (const { peer, source } of this.#peers.splice(0)) this.#forget(peer, source);
    await this.#delivery.stop();
  }

  get #sources(): readonly Source[] {
    return this.#peers.map(({ source }) => source);
  }

  #forget(peer: Peer, source: Source): void {
    source.stop();
    peer.noNeed(source);
    if (this.#primary === source) this.#primary = undefined;
    this.#gap?.asked.delete(source);
  }

  #pushed(source: Source, served: ServedFrames): void {
    if (source !== this.#primary) return;
    if (served.frames.length > 0) this.#add(source, served);
    this.#evaluate();
  }

  #fetched(source: Source, served: ServedFrames): void {
    if (this.#gap !== undefined) {
      const { firstIndex, frames } = served;
      if (frames.length > 0 && firstIndex <= this.#delivery.tail) {
        this.#add(source, served);
        // It may have more of what is missing.
        this.#gap.asked.clear();
      } else {
        this.#gap.asked.add(source);
        if (frames.length > 0) this.#gap.to = Math.min(this.#gap.to, firstIndex);
      }
    }
    this.#evaluate();
  }

  #add(source: Source, { firstIndex, frames }: ServedFrames): void {
    if (firstIndex > this.#delivery.tail) {
      this.#gap ??= this.#openGap(source, firstIndex);
      return;
    }
    const fresh = frames.slice(Math.max(0, this.#delivery.tail - firstIndex));
    if (fresh.length === 0) return;
    this.#stirred();
    const release = source.hold(fresh.reduce((sum, frame) => sum + frame.length, 0));
    const batch = { firstIndex: firstIndex + frames.length - fresh.length, frames: fresh, from: source.peer };
    const settled = (outcome: BatchOutcome): void => {
      release();
      if (outcome === 'stored') source.praise();
      else if (outcome === 'unwanted') this.#blame(source);
    };
    if (!this.#delivery.add({ ...batch, settled })) release();
  }

  #openGap(source: Source, to: number): Gap {
    const { wanted } = this.#delivery;
    if (this.#hole?.wanted !== wanted) this.#hole = { wanted, sinceMs: this.#around.clock.monotonicMs() };
    return openGap(source, to, this.#hole.sinceMs);
  }

  /** What it sends is not what the owner wrote, or does not come. */
  #blame(source: Source): void {
    source.avoid();
    source.unsubscribe();
    if (this.#primary === source) this.#primary = undefined;
  }

  #lost(source: Source): void {
    if (this.#primary === source) this.#primary = undefined;
    if (!this.#stopped) this.#evaluate();
  }

  /** The handler failed and what waited was dropped: from the first index that is not on disk once more. */
  #restart(): void {
    this.#primary?.unsubscribe();
    this.#primary = undefined;
    this.#evaluate();
  }

  /** What to do next, from everything that is known. Called after every change. */
  #evaluate(): void {
    if (this.#stopped || this.#delivery.restMs !== undefined) return;
    if (this.#gap !== undefined) return this.#fillGap(this.#gap);
    this.#primary ??= this.#choose();
    const primary = this.#primary;
    if (primary !== undefined && !primary.subscribed) primary.subscribe(this.#delivery.tail);
    if (primary !== undefined && primary.subscribed && primary.first > this.#delivery.tail) {
      // It has forgotten what we want; perhaps others have not.
      this.#gap = this.#openGap(primary, primary.first);
      return this.#fillGap(this.#gap);
    }
    this.#watchForStall();
  }

  #fillGap(gap: Gap): void {
    this.#primary?.unsubscribe();
    this.#primary = undefined;
    // What waits may close the gap.
    if (!this.#delivery.idle) return;
    if (this.#delivery.wanted >= gap.to) {
      this.#gap = undefined;
      return this.#evaluate();
    }
    const { wanted } = this.#delivery;
    const nowMs = this.#around.clock.monotonicMs();
    const patienceMs = this.#around.limits.gapPatienceMs;
    const move = nextGapMove(gap, { sources: this.#sources, wanted, nowMs, patienceMs });
    if (move.kind === 'ask') move.source.fetch(wanted, fetchFrames);
    else if (move.kind === 'missing') this.#delivery.skip(move.first);
    else if (move.kind === 'disbelieve') {
      this.#blame(gap.reporter);
      this.#gap = undefined;
      this.#evaluate();
    }
  }

  /** The one that knows most, the first listed of those that know the same; those we avoid only when there is no other. */
  #choose(): Source | undefined {
    const rank = (source: Source): number => (source.avoided ? -1 : source.next);
    let best: Source | undefined;
    for (const source of this.#sources) {
      if (source.usable && (best === undefined || rank(source) > rank(best))) best = source;
    }
    return best;
  }

  get #mostKnown(): number {
    return Math.max(
      0,
      ...this.#sources.map((source) => (source.usable && !source.avoided ? source.next : 0)),
    );
  }

  /** Somebody has what we want and nothing comes: after a while we follow somebody else, soon when the one that we follow lacks it. */
  #watchForStall(): void {
    const { clock, limits } = this.#around;
    const { wanted, idle } = this.#delivery;
    if (!idle || wanted >= this.#mostKnown) {
      this.#stall?.cancel();
      this.#stall = undefined;
      return;
    }
    if (this.#stall?.wanted === wanted) return;
    this.#stall?.cancel();
    const claims = this.#primary !== undefined && this.#primary.next > wanted;
    const cancel = clock.after(claims ? limits.stallMs : limits.lagMs, () => {
      this.#stall = undefined;
      this.#moveOn();
    });
    this.#stall = { wanted, cancel };
  }

  #moveOn(): void {
    const stalled = this.#primary;
    this.#primary = undefined;
    if (stalled !== undefined && stalled.next > this.#delivery.wanted) this.#blame(stalled);
    else stalled?.unsubscribe();
    this.#evaluate();
  }

  /** Somebody is talking: that one of the relays lacks something is noticed before its readers do. */
  #stirred(): void {
    const { clock, limits } = this.#around;
    const nowMs = clock.monotonicMs();
    const wasActive = nowMs < this.#activeUntilMs;
    this.#activeUntilMs = nowMs + limits.activeMs;
    if (wasActive || this.#stopped) return;
    this.#cancelCheck();
    this.#checkLater();
  }

  #checkLater(): void {
    const { clock, limits } = this.#around;
    const active = clock.monotonicMs() < this.#activeUntilMs;
    this.#cancelCheck = clock.after(active ? limits.activeHeadCheckMs : limits.headCheckMs, () => {
      this.#checkLater();
      for (const source of this.#sources) {
        if (source.giveUpFetch(limits.headCheckMs)) this.#gap?.asked.add(source);
        if (source.usable && source !== this.#primary && !source.fetching)
          source.fetch(this.#delivery.wanted, 0);
      }
      this.#evaluate();
    });
  }
}

/** One push of the largest size. */
const fetchFrames = 256;
