/**
 * Who is told when a queue grows. A queue that nobody watches costs nothing here; of a watched one its bounds are kept, so
 * that growth between a look at the store and the answer is not missed.
 */
import { type GrownQueue, type QueueBounds, routeKey } from '@mycelium/protocol';
import type { ServedConnection } from '../mail/serving.ts';
import type { QueuesElsewhere } from '../ports/queue-store.ts';

interface Watched {
  readonly route: Uint8Array;
  readonly connections: Set<ServedConnection>;
  bounds: QueueBounds;
}

export class Watchers {
  readonly #byRoute = new Map<string, Watched>();
  readonly #elsewhere: QueuesElsewhere | undefined;

  constructor(elsewhere: QueuesElsewhere | undefined) {
    this.#elsewhere = elsewhere;
  }

  add(route: Uint8Array, connection: ServedConnection): void {
    const key = routeKey(route);
    const watched = this.#byRoute.get(key) ?? this.#watch(key, route.slice());
    watched.connections.add(connection);
  }

  #watch(key: string, route: Uint8Array): Watched {
    const watched = { route, connections: new Set<ServedConnection>(), bounds: { first: 0, next: 0 } };
    this.#byRoute.set(key, watched);
    this.#elsewhere?.heed(route);
    return watched;
  }

  remove(key: string, connection: ServedConnection): void {
    const watched = this.#byRoute.get(key);
    if (!watched?.connections.delete(connection) || watched.connections.size > 0) return;
    this.#byRoute.delete(key);
    this.#elsewhere?.ignore(watched.route);
  }

  /** The newer of what was read and what has been heard of since. */
  learn(key: string, bounds: QueueBounds): QueueBounds {
    const watched = this.#byRoute.get(key);
    if (watched === undefined) return bounds;
    watched.bounds = newer(watched.bounds, bounds);
    return watched.bounds;
  }

  /** Frames that have just been stored: each with consecutive indices up to `next`. */
  grown(
    stored: readonly {
      readonly route: Uint8Array;
      readonly next: number;
      readonly frames: readonly Uint8Array[];
    }[],
  ): void {
    const byConnection = new Map<ServedConnection, GrownQueue[]>();
    for (const { route, next, frames } of stored) {
      const watched = this.#byRoute.get(routeKey(route));
      if (watched === undefined) continue;
      watched.bounds = newer(watched.bounds, { first: 0, next });
      // Already known to be longer: these are not its last frames, and are read from the store.
      const last = watched.bounds.next === next ? frames : [];
      for (const connection of watched.connections) {
        const queues = byConnection.get(connection) ?? [];
        queues.push({ route, bounds: watched.bounds, frames: last });
        byConnection.set(connection, queues);
      }
    }
    for (const [connection, queues] of byConnection) connection.give({ kind: 'grown', queues });
  }
}

function newer(one: QueueBounds, other: QueueBounds): QueueBounds {
  return { first: Math.max(one.first, other.first), next: Math.max(one.next, other.next) };
}
