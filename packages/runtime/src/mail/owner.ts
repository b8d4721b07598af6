/** One owned queue, with an appender at each of its peers. */
import type { MailHandler, OwnedQueue } from './agent.ts';
import { Appender, type AppenderOwner } from './appender.ts';
import type { Peer } from './peer.ts';
import type { Surroundings } from './surroundings.ts';

export class Owner implements AppenderOwner {
  readonly around: Surroundings;
  readonly handler: MailHandler;
  readonly #readerPublicKey: Uint8Array;
  readonly #appenders = new Map<Peer, Appender>();
  #queue: OwnedQueue;
  #trimmedTo = 0;

  constructor(around: Surroundings, handler: MailHandler, queue: OwnedQueue) {
    this.around = around;
    this.handler = handler;
    this.#queue = queue;
    this.#readerPublicKey = around.primitives.ed25519PublicKey(queue.readerSeed);
  }

  queue(): OwnedQueue & { readonly readerPublicKey: Uint8Array } {
    return { ...this.#queue, readerPublicKey: this.#readerPublicKey };
  }

  trimmedTo(): number {
    return this.#trimmedTo;
  }

  update(queue: OwnedQueue, peers: readonly Peer[]): void {
    this.#queue = { ...queue, next: Math.max(queue.next, this.#queue.next) };
    for (const [peer, appender] of this.#appenders) {
      if (peers.includes(peer)) continue;
      this.#appenders.delete(peer);
      appender.stop();
      peer.noNeed(appender);
    }
    for (const peer of peers) {
      if (this.#appenders.has(peer)) continue;
      const appender = new Appender(this, peer.address);
      this.#appenders.set(peer, appender);
      peer.need(appender);
    }
    this.#pump();
  }

  wake(next: number): void {
    this.#queue = { ...this.#queue, next: Math.max(next, this.#queue.next) };
    for (const peer of this.#appenders.keys()) peer.hurry();
    this.#pump();
  }

  trim(upTo: number): void {
    this.#trimmedTo = Math.max(upTo, this.#trimmedTo);
    this.#queue = { ...this.#queue, base: Math.max(upTo, this.#queue.base) };
    this.#pump();
  }

  stop(): void {
    for (const [peer, appender] of this.#appenders) {
      appender.stop();
      peer.noNeed(appender);
    }
    this.#appenders.clear();
  }

  #pump(): void {
    for (const appender of this.#appenders.values()) appender.pump();
  }
}
