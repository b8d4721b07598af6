/** Which connection owns a queue: the one that opened it last (spec/mail.md, "Owners"). */
import { routeKey } from '@mycelium/protocol';
import type { ServedConnection } from '../mail/serving.ts';

export class Owners {
  readonly #byRoute = new Map<string, ServedConnection>();

  /** The connection that had it until now is told. */
  take(route: Uint8Array, connection: ServedConnection): void {
    const key = routeKey(route);
    const before = this.#byRoute.get(key);
    this.#byRoute.set(key, connection);
    if (before !== undefined && before !== connection) before.give({ kind: 'superseded', route });
  }

  release(routes: Iterable<string>, connection: ServedConnection): void {
    for (const key of routes) if (this.#byRoute.get(key) === connection) this.#byRoute.delete(key);
  }
}
