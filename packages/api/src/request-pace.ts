/**
 * How fast one connection may ask (docs/api.md, "Pace"): requests are taken while few enough are open; the others wait, and
 * the channel is read no further until some are answered. So whoever asks faster than is answered fills its own
 * buffers, and never the node's memory.
 */
import { requestsPendingMax, pendingLengthMax } from './limits.ts';

export interface PacedChannel {
  /** Nothing more is wanted for now; what was read already may still come. */
  pause(): void;
  resume(): void;
}

export class RequestPace {
  readonly #channel: PacedChannel;
  readonly #take: (line: string) => void;
  #waiting: string[] = [];
  #open = 0;
  #openLength = 0;
  #paused = false;
  #taking = false;

  constructor(channel: PacedChannel, take: (line: string) => void) {
    this.#channel = channel;
    this.#take = take;
  }

  /** In order; each is taken when there is room for it. */
  add(lines: readonly string[]): void {
    this.#waiting.push(...lines);
    this.#takeSome();
  }

  /** A request that was taken is performed. The answer is to be called once, when it has been answered. */
  begin(length: number): () => void {
    this.#open += 1;
    this.#openLength += length;
    return () => {
      this.#open -= 1;
      this.#openLength -= length;
      this.#takeSome();
    };
  }

  drop(): void {
    this.#waiting = [];
  }

  get #isFull(): boolean {
    return this.#open >= requestsPendingMax || this.#openLength >= pendingLengthMax;
  }

  #takeSome(): void {
    if (this.#taking) return;
    this.#taking = true;
    let at = 0;
    for (; at < this.#waiting.length && !this.#isFull; at += 1) this.#take(this.#waiting[at] ?? '');
    this.#waiting = at === 0 ? this.#waiting : this.#waiting.slice(at);
    this.#taking = false;
    const isWaiting = this.#waiting.length > 0;
    if (isWaiting === this.#paused) return;
    this.#paused = isWaiting;
    if (isWaiting) this.#channel.pause();
    else this.#channel.resume();
  }
}
