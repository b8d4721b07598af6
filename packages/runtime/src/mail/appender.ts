/**
 * One owned queue at one peer: opens it, hears how far the peer is, appends what it lacks, in order, until the peer has
 * said *stored* for everything; trims. Begins again with every link and after every refusal.
 */
import {
  appendRoom,
  bytesEqual,
  frameTag,
  type ClientQueueEffect,
  type PeerAddress,
  type Refusal,
} from '@mycelium/protocol';
import type { MailHandler, OwnedQueue } from './agent.ts';
import { createBackoff, type Backoff } from './backoff.ts';
import type { ClientLink, QueueUser } from './client-link.ts';
import type { PeerUser } from './peer.ts';
import type { Surroundings } from './surroundings.ts';

type Opened = Extract<ClientQueueEffect, { readonly kind: 'opened' }>;

export interface AppenderOwner {
  readonly around: Surroundings;
  readonly handler: MailHandler;
  /** As last declared. */
  queue(): OwnedQueue & { readonly readerPublicKey: Uint8Array };
  /** Everything below was confirmed by every reader. */
  trimmedTo(): number;
}

export class Appender implements PeerUser, QueueUser {
  readonly #owner: AppenderOwner;
  readonly #peer: PeerAddress;
  readonly #backoff: Backoff;
  #link: ClientLink | undefined;
  #reopen: (() => void) | undefined;
  #trimAsked = 0;
  /** What the peer has, as far as the handler knows and as far as we know. */
  #told = -1;
  #stored = -1;
  #telling = false;
  #cancelTellAgain: () => void = () => undefined;
  #cancelPump: () => void = () => undefined;
  #pumping = false;
  #stopped = false;
  #ahead = false;
  /** Everything below stands there as it does here: the peer took it from us in this run, or showed that it has it. */
  #ours = 0;
  #refusedFor: string | undefined;

  constructor(owner: AppenderOwner, peer: PeerAddress) {
    this.#owner = owner;
    this.#peer = peer;
    const { randomness, limits } = owner.around;
    this.#backoff = createBackoff(randomness, limits.reopenMinMs, limits.reopenMaxMs);
  }

  linked(link: ClientLink): void {
    this.#link = link;
    link.attach(this.#owner.queue().route, this);
    this.#open();
  }

  unlinked(): void {
    this.#link = undefined;
    this.#reopen?.();
    this.#reopen = undefined;
  }

  /** Once for each time it was refused. */
  seen(): void {
    if (this.#reopen === undefined) return;
    this.#reopen();
    this.#open();
  }

  stop(): void {
    this.#stopped = true;
    this.#reopen?.();
    this.#reopen = undefined;
    this.#cancelTellAgain();
    this.#cancelPump();
    this.#link?.detach(this.#owner.queue().route, this);
    this.#link = undefined;
  }

  writable(): void {
    this.pump();
  }

  /** Appends what there is room for, and trims when asked to. */
  pump(): void {
    const link = this.#link;
    const queue = this.#owner.queue();
    const machine = link?.queue(queue.route);
    if (link === undefined || machine === undefined || this.#ahead || machine.owner.phase !== 'open') return;
    this.#trim(link);
    // Giving may end the link, or make another one take over.
    while (link.writable && this.#link === link) {
      const { from, framesMax } = appendRoom(link.queue(queue.route) ?? machine);
      // What it lacks was confirmed by every reader on other ways meanwhile, and is gone: it goes on at the base.
      if (from < queue.base) return this.#reopenLater(0);
      const count = Math.min(framesMax, this.#owner.around.limits.framesPerWrite, queue.next - from);
      if (count <= 0) return;
      const frames = this.#frames(from, count);
      if (frames.length === 0) return;
      link.give(queue.route, { kind: 'append', frames: frames.slice(0, count) });
    }
    if (this.#link === link) link.whenWritable(this);
  }

  /** None when the store cannot be read: tried again after a while. */
  #frames(from: number, count: number): readonly Uint8Array[] {
    const { around, handler } = this.#owner;
    try {
      return handler.framesToSend(this.#owner.queue().route, from, count);
    } catch {
      this.#cancelPump();
      this.#cancelPump = around.clock.after(around.limits.handlerRetryMaxMs, () => this.pump());
      return [];
    }
  }

  heard(effect: ClientQueueEffect): void {
    switch (effect.kind) {
      case 'opened':
        if (effect.role === 'owner') this.#opened(effect);
        return;
      case 'acknowledged':
        this.#backoff.reset();
        this.#ours = effect.next;
        this.#acknowledge(effect.next);
        return this.#pumpSoon();
      case 'stopped':
        return this.#refused(effect.name, effect.retryAfterMs);
      case 'refused':
        if (effect.request.kind === 'open' && effect.request.role === 'owner') {
          this.#refused(effect.name, effect.retryAfterMs);
        }
        return;
      case 'send':
      case 'subscribed':
      case 'pushed':
      case 'fetched':
      case 'trimmed':
      case 'unknown-answer':
      case 'violation':
        return;
    }
  }

  #open(): void {
    const link = this.#link;
    const server = link?.hello;
    this.#reopen = undefined;
    if (link === undefined || server === undefined) return;
    const { route, ownerSeed, ownerPublicKey, readerPublicKey, base } = this.#owner.queue();
    this.#trimAsked = 0;
    link.give(route, {
      kind: 'open',
      role: 'owner',
      server: { challenge: server.challenge, transportKey: link.peer.key },
      primitives: this.#owner.around.primitives,
      seed: ownerSeed,
      readerPublicKey,
      ownerPublicKey,
      base,
      intakeDifficulty: undefined,
    });
  }

  #opened(opened: Opened): void {
    this.#refusedFor = undefined;
    this.#ours = Math.min(this.#ours, opened.next);
    this.#ahead = !this.#isOurs(opened);
    if (this.#ahead) void this.#settle(opened);
    else this.#goOn(opened.next);
  }

  /**
   * Another self of this device, from whose store this one was copied or the other way round, may have written to the
   * queue meanwhile: then it is our route, but not what we said. What we did not see arrive is compared.
   */
  #isOurs({ next, lastTag }: Opened): boolean {
    const { base, next: sealed } = this.#owner.queue();
    if (next > sealed) return false;
    if (next <= Math.max(base, this.#ours)) return true;
    if (lastTag === undefined) return false;
    const last = this.#frames(next - 1, 1)[0];
    return last !== undefined && bytesEqual(frameTag(last), lastTag);
  }

  async #settle({ next, lastTag }: Opened): Promise<void> {
    const { route } = this.#owner.queue();
    const retentionMs = (this.#link?.hello?.retentionSeconds ?? 0) * 1_000;
    try {
      await this.#owner.handler.ahead(route, this.#peer, { next, lastTag, retentionMs });
    } catch {
      return this.#reopenLater(0);
    }
    this.#ours = next;
    if (!this.#stopped) this.#reopenLater(0);
  }

  #goOn(next: number): void {
    const queue = this.#owner.queue();
    this.#ours = Math.max(this.#ours, next);
    // A peer that begins anew has nothing of ours until it says *stored*.
    this.#stored = -1;
    this.#told = Math.min(this.#told, next);
    if (next < queue.base) return this.#refused('out-of-order', 0);
    if (next > queue.base) this.#acknowledge(next);
    this.pump();
  }

  /** One call of the handler at a time, each with the newest that is known. */
  #acknowledge(next: number): void {
    this.#stored = Math.max(this.#stored, next);
    if (!this.#telling) void this.#tell();
  }

  async #tell(): Promise<void> {
    this.#telling = true;
    // Answers that came in one batch are one call.
    await Promise.resolve();
    while (this.#stored > this.#told && !this.#stopped) {
      const next = this.#stored;
      try {
        await this.#owner.handler.acknowledged(this.#owner.queue().route, this.#peer, next);
        this.#told = next;
      } catch {
        // Its disk is full; the peer's is not, so appending goes on.
        const { clock, limits } = this.#owner.around;
        this.#cancelTellAgain = clock.after(limits.handlerRetryMaxMs, () => void this.#tell());
        return;
      }
    }
    this.#telling = false;
  }

  /** The store is read once for all answers of a batch. */
  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    void Promise.resolve().then(() => {
      this.#pumping = false;
      this.pump();
    });
  }

  #refused(name: string, retryAfterMs: number): void {
    if (this.#refusedFor !== name) {
      this.#refusedFor = name;
      this.#owner.handler.refused(this.#owner.queue().route, this.#peer, appendRefusal(name));
    }
    this.#reopenLater(retryAfterMs);
  }

  #reopenLater(retryAfterMs: number): void {
    if (this.#reopen !== undefined) return;
    const waitMs = Math.max(retryAfterMs, this.#backoff.next());
    this.#reopen = this.#owner.around.clock.after(waitMs, () => this.#open());
  }

  #trim(link: ClientLink): void {
    const { route } = this.#owner.queue();
    const upTo = Math.min(this.#owner.trimmedTo(), link.queue(route)?.owner.stored ?? 0);
    if (upTo <= this.#trimAsked) return;
    this.#trimAsked = upTo;
    link.give(route, { kind: 'trim', upTo });
  }
}

function appendRefusal(name: string): Refusal {
  return { code: name, where: 'mail.append', rule: `the peer took no frames of this queue: ${name}` };
}
