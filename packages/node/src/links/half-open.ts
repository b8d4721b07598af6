/**
 * Connections that have not proved a key yet: at most so many, each for so long. When one more comes the oldest is
 * dropped, so that strangers who hold connections open cannot lock out a peer, who needs two round trips.
 */
import { halfOpenMax, handshakeTimeoutMs } from './bounds.ts';

interface Destroyable {
  destroy(): void;
}

export class HalfOpenConnections {
  readonly #timers = new Map<Destroyable, NodeJS.Timeout>();

  add(connection: Destroyable): void {
    const oldest = this.#timers.size >= halfOpenMax ? this.#timers.keys().next() : undefined;
    if (oldest?.value !== undefined) {
      this.remove(oldest.value);
      oldest.value.destroy();
    }
    const timer = setTimeout(() => {
      this.#timers.delete(connection);
      connection.destroy();
    }, handshakeTimeoutMs);
    timer.unref();
    this.#timers.set(connection, timer);
  }

  remove(connection: Destroyable): void {
    clearTimeout(this.#timers.get(connection));
    this.#timers.delete(connection);
  }

  close(): void {
    for (const [connection, timer] of this.#timers) {
      clearTimeout(timer);
      connection.destroy();
    }
    this.#timers.clear();
  }
}
