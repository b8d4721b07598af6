/**
 * Where a queue is in NATS: one subject for each queue, the subjects in a fixed number of streams, so that one leader does
 * not have all the work. The number never changes: a queue must be found where it was put.
 */
import { bytesToHex } from '@mycelium/protocol';

export const shards = 8;

export interface Place {
  readonly stream: string;
  readonly subject: string;
  /** Where all front-ends hear of the queue. */
  readonly news: string;
}

/** `name` sets the streams of one relay apart from others on the same cluster. */
export class Subjects {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** Of shard 0 to `shards` − 1. */
  stream(shard: number): string {
    return `${this.#name}-queues-${shard}`;
  }

  /** All queues of a shard. */
  all(shard: number): string {
    return `${this.#name}.queue.${shard}.*`;
  }

  /** Where the server says what a stream has stored: `$1` is the route. */
  newsOf(shard: number): string {
    return `${this.#name}.news.${shard}.$1`;
  }

  place(route: Uint8Array): Place {
    const shard = (route[0] ?? 0) % shards;
    const hex = bytesToHex(route);
    return {
      stream: this.stream(shard),
      subject: `${this.#name}.queue.${shard}.${hex}`,
      news: `${this.#name}.news.${shard}.${hex}`,
    };
  }
}

/** The route at the end of a subject. */
export function routeHex(subject: string): string {
  return subject.slice(subject.lastIndexOf('.') + 1);
}
