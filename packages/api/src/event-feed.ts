/**
 * One subscription's events to a reader that may be slow: when the channel is full nothing is kept in memory; the
 * feed lets go and later asks again from the last event that was sent.
 */
import type { ApiEvent } from './types.ts';

interface EventSource {
  subscribe(since: number | undefined, listen: (event: ApiEvent) => void): () => void;
}

export class EventFeed {
  readonly #source: EventSource;
  readonly #send: (event: ApiEvent) => boolean;
  #since: number | undefined;
  #held = false;
  #stopped = false;
  #leave: (() => void) | undefined;

  constructor(source: EventSource, since: number | undefined, send: (event: ApiEvent) => boolean) {
    this.#source = source;
    this.#since = since;
    this.#send = send;
  }

  start(): void {
    this.#held = false;
    const leave = this.#source.subscribe(this.#since, (event) => this.#take(event));
    if (this.#held || this.#stopped) leave();
    else this.#leave = leave;
  }

  resume(): void {
    if (this.#held && !this.#stopped) this.start();
  }

  stop(): void {
    this.#stopped = true;
    this.#letGo();
  }

  #take(event: ApiEvent): void {
    if (this.#held || this.#stopped) return;
    this.#since = event.eventId;
    if (this.#send(event)) return;
    this.#held = true;
    this.#letGo();
  }

  #letGo(): void {
    this.#leave?.();
    this.#leave = undefined;
  }
}
