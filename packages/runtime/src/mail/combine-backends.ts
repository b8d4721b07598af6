/**
 * One link, two backends: appends to queues that this device follows, and intake frames for it, go to its inbox; all else
 * goes to the relay when there is one, and is refused when there is none.
 */
import { routeKey, type ServerAppend, type ServerInput } from '@mycelium/protocol';
import type { BackendEffect, ServedConnection, ServingBackend, ServingSession } from './serving.ts';

/** A backend that serves only some queues. */
export interface Inbox extends ServingBackend {
  follows(route: Uint8Array): boolean;
  keepsIntake(route: Uint8Array): boolean;
}

export function combineBackends(inbox: Inbox, relay: ServingBackend | undefined): ServingBackend {
  return { begin: (connection) => new CombinedSession(inbox, relay, connection) };
}

class CombinedSession implements ServingSession {
  readonly #inbox: Inbox;
  readonly #direct: ServingSession;
  readonly #relay: ServingSession;
  /** Queues that were opened by their owner while we followed them. */
  readonly #ownedHere = new Set<string>();

  constructor(inbox: Inbox, relay: ServingBackend | undefined, connection: ServedConnection) {
    this.#inbox = inbox;
    this.#direct = inbox.begin(connection);
    this.#relay = (relay ?? noRelay).begin(connection);
  }

  perform(effect: BackendEffect): void {
    if (effect.kind === 'append') {
      for (const { session, appends } of this.#split(effect.appends))
        session.perform({ kind: 'append', appends });
      return;
    }
    this.#sessionFor(effect).perform(effect);
  }

  end(): void {
    this.#direct.end();
    this.#relay.end();
  }

  #sessionFor(effect: Exclude<BackendEffect, { kind: 'append' }>): ServingSession {
    switch (effect.kind) {
      case 'open': {
        const { role, route } = effect.open;
        if (role === 'reader') return this.#relay;
        const here = effect.open.intakeDifficulty === undefined && this.#inbox.follows(route);
        if (here) this.#ownedHere.add(routeKey(route));
        else this.#ownedHere.delete(routeKey(route));
        return here ? this.#direct : this.#relay;
      }
      case 'trim':
        return this.#ownedHere.has(routeKey(effect.trim.route)) ? this.#direct : this.#relay;
      case 'look-up':
        return this.#inbox.keepsIntake(effect.intake.route) ? this.#direct : this.#relay;
      case 'watch':
      case 'unwatch':
      case 'read':
      case 'report':
      case 'seek':
      case 'publish':
        return this.#relay;
    }
  }

  /** In runs for one session each, so that the order of each queue is kept. */
  #split(
    appends: readonly ServerAppend[],
  ): readonly { readonly session: ServingSession; readonly appends: readonly ServerAppend[] }[] {
    const runs: { readonly session: ServingSession; readonly appends: ServerAppend[] }[] = [];
    for (const append of appends) {
      const here =
        append.index === undefined
          ? this.#inbox.keepsIntake(append.route)
          : this.#ownedHere.has(routeKey(append.route));
      const session = here ? this.#direct : this.#relay;
      const last = runs.at(-1);
      if (last?.session === session) last.appends.push(append);
      else runs.push({ session, appends: [append] });
    }
    return runs;
  }
}

/** Of a device that is nobody's relay. */
const noRelay: ServingBackend = {
  begin: (connection) => ({
    perform(effect) {
      const give = (input: ServerInput): void => connection.give(input);
      switch (effect.kind) {
        case 'open':
          return give({
            kind: 'opened',
            open: effect.open,
            outcome: { kind: 'refused', name: 'not-authorized' },
          });
        case 'append': {
          const outcome = { kind: 'refused', name: 'not-authorized', retryAfterMs: 0 } as const;
          return give({ kind: 'appended', results: effect.appends.map((append) => ({ append, outcome })) });
        }
        case 'look-up':
          return give({ ...effect, kind: 'difficulty', difficulty: undefined, nowMs: 0 });
        case 'trim':
          return give({
            kind: 'trimmed',
            trim: effect.trim,
            outcome: { kind: 'refused', name: 'not-authorized' },
          });
        case 'report': {
          const report = {
            loadPercent: 0,
            queues: 0,
            connections: 0,
            retentionSeconds: 0,
            queueFramesMax: 0,
          };
          return give({ kind: 'reported', status: effect.status, report });
        }
        // It is not offered, and the machine lets nobody read what nobody could open.
        case 'watch':
        case 'unwatch':
        case 'read':
        case 'seek':
        case 'publish':
          return undefined;
      }
    },
    end: () => undefined,
  }),
};
