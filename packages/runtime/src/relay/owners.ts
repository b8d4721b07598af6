/** Which connection owns a queue: the one that opened it last (spec/mail.md, "Owners"). */
import { routeKey } from '@mycelium/protocol';
import type { ServedConnection } from '../mail/serving.ts';
import type { QueuesElsewhere } from '../ports/queue-store.ts';

export class Owners {
  readonly #byRoute = new Map<
    string,
    { readonly connection: ServedConnection; readonly route: Uint8Array }
  >();
  readonly #elsewhere: QueuesElsewhere | undefined;

  constructor(elsewhere: QueuesElsewhere | undefined) {
    this.#elsewhere = elsewhere;
  }

  /** The connection that had it until now is told. */
  take(route: Uint8Array, connection: ServedConnection): void {
    const key = routeKey(route);
    const before = this.#byRoute.get(key)?.connection;
    if (before === undefined) this.#elsewhere?.heed(route);
    this.#byRoute.set(key, { connection, route: route.slice() });
    if (before !== undefined && before !== connection) before.give({ kind: 'superseded', route });
  }

  /** Its owner opened it at another relay that serves the same store. */
  takenElsewhere(route: Uint8Array): void {
    const owner = this.#byRoute.get(routeKey(route));
    if (owner === undefined) return;
    this.release([routeKey(route)], owner.connection);
    owner.connection.give({ kind: 'superseded', route });
  }

  release(routes: Iterable<string>, connection: ServedConnection): void {
    for (const key of routes) {
      const owner = this.#byRoute.get(key);
      if (owner?.connection !== connection) continue;
      this.#byRoute.delete(key);
      this.#elsewhere?.ignore(owner.route);
    }
  }
}
