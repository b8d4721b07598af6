/** Reads a queue once, from start to end, at the first peer that has it (spec/mail-clients.md, "Reading once"): for cards. */
import type { ClientQueueEffect, Refusal, Route, ServedFrames } from '@mycelium/protocol';
import type { Cancellation } from '../ports/cancellation.ts';
import type { QueueKeys } from './agent.ts';
import type { ClientLink, QueueUser } from './client-link.ts';
import type { Peer, PeerUser } from './peer.ts';
import type { Surroundings } from './surroundings.ts';

export type ReadOutcome =
  | { readonly kind: 'read'; readonly first: number; readonly frames: readonly Uint8Array[] }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export function readOnce(
  around: Surroundings,
  queue: QueueKeys,
  peers: readonly Peer[],
  signal: Cancellation,
): Promise<ReadOutcome> {
  const readerPublicKey = around.primitives.ed25519PublicKey(queue.readerSeed);
  return new Promise((resolve) => {
    let best: ReadOutcome = { kind: 'unreachable' };
    let left = peers.length;
    const readings: Reading[] = [];
    const finish = (outcome: ReadOutcome): void => {
      signal.removeEventListener('abort', giveUp);
      cancelTimeout();
      for (const reading of readings) reading.stop();
      resolve(outcome);
    };
    const giveUp = (): void => finish(best);
    const cancelTimeout = around.clock.after(around.limits.onceTimeoutMs, giveUp);
    signal.addEventListener('abort', giveUp);
    const answered = (outcome: ReadOutcome): void => {
      left -= 1;
      if (outcome.kind === 'read' && outcome.frames.length > 0) return finish(outcome);
      // An empty queue says more than a refusal, and a refusal more than silence.
      if (outcome.kind === 'read' || best.kind === 'unreachable') best = outcome;
      if (left === 0) finish(best);
    };
    for (const peer of peers) {
      readings.push(new Reading(around, { ...queue, readerPublicKey }, peer, answered));
    }
    if (signal.aborted || peers.length === 0) giveUp();
    else for (const reading of readings) reading.begin();
  });
}

class Reading implements PeerUser, QueueUser {
  readonly #around: Surroundings;
  readonly #queue: QueueKeys & { readonly readerPublicKey: Uint8Array };
  readonly #peer: Peer;
  readonly #answered: (outcome: ReadOutcome) => void;
  /** Of the last fetch. */
  #tag: number | undefined;
  readonly #frames: Uint8Array[] = [];
  #first: number | undefined;
  #link: ClientLink | undefined;
  #failures = 0;
  #done = false;

  constructor(
    around: Surroundings,
    queue: QueueKeys & { readonly readerPublicKey: Uint8Array },
    peer: Peer,
    answered: (outcome: ReadOutcome) => void,
  ) {
    this.#around = around;
    this.#queue = queue;
    this.#peer = peer;
    this.#answered = answered;
  }

  begin(): void {
    this.#peer.need(this);
    this.#peer.hurry();
  }

  stop(): void {
    this.#done = true;
    this.#link?.detach(this.#route, this);
    this.#link = undefined;
    this.#peer.noNeed(this);
  }

  linked(link: ClientLink): void {
    this.#link = link;
    link.attach(this.#route, this);
    const { hello } = link;
    if (hello === undefined) return;
    link.give(this.#route, {
      kind: 'open',
      role: 'reader',
      server: { challenge: hello.challenge, transportKey: link.peer.key },
      primitives: this.#around.primitives,
      seed: this.#queue.readerSeed,
      readerPublicKey: this.#queue.readerPublicKey,
      ownerPublicKey: this.#queue.ownerPublicKey,
      base: 0,
      intakeDifficulty: undefined,
    });
  }

  unlinked(): void {
    this.#link = undefined;
    this.#frames.length = 0;
    this.#first = undefined;
  }

  unreachable(): void {
    this.#failures += 1;
    if (this.#failures >= attemptsMax) this.#end({ kind: 'unreachable' });
  }

  heard(effect: ClientQueueEffect, link: ClientLink): void {
    if (effect.kind === 'opened' && effect.role === 'reader' && this.#first === undefined) {
      this.#first = effect.first;
      this.#fetch(link, effect.first);
    } else if (effect.kind === 'fetched' && effect.tag === this.#tag) this.#take(effect.served, link);
    else if (effect.kind === 'refused' && this.#concerns(effect)) {
      const rule = `the peer did not let the queue be read: ${effect.name}`;
      this.#end({ kind: 'refused', refusal: { code: effect.name, where: 'mail.read', rule } });
    }
  }

  get #route(): Route {
    return this.#queue.route;
  }

  #concerns({ request }: Extract<ClientQueueEffect, { kind: 'refused' }>): boolean {
    return (
      (request.kind === 'open' && request.role === 'reader') ||
      (request.kind === 'fetch' && request.tag === this.#tag)
    );
  }

  #fetch(link: ClientLink, from: number): void {
    // Different from that of every other fetch of this queue on this link; those of followed queues are zero.
    const tag = (link.queue(this.#route)?.requestCount ?? 0) + 1;
    this.#tag = tag;
    link.give(this.#route, { kind: 'fetch', from, count: fetchFrames, tag });
  }

  #take(served: ServedFrames, link: ClientLink): void {
    const expected = (this.#first ?? 0) + this.#frames.length;
    if (served.frames.length > 0 && served.firstIndex !== expected) {
      // A hole: what lies behind it is read as the queue's start.
      this.#frames.length = 0;
      this.#first = served.firstIndex;
    }
    this.#frames.push(...served.frames);
    const next = (this.#first ?? 0) + this.#frames.length;
    const more = served.frames.length > 0 && next < served.next;
    if (more && this.#frames.length < this.#around.limits.onceFramesMax) this.#fetch(link, next);
    else this.#end({ kind: 'read', first: this.#first ?? 0, frames: [...this.#frames] });
  }

  #end(outcome: ReadOutcome): void {
    if (this.#done) return;
    this.stop();
    this.#answered(outcome);
  }
}

const fetchFrames = 256;
/** Failed dials or broken links before a peer counts as unreachable. */
const attemptsMax = 3;
