/** A relay for tests of the agent: the serving machine over a store in memory, as naive as it can be. */
import { routeKey, type GrownQueue, type QueueBounds, type ServerAppend } from '@mycelium/protocol';
import { serveLink, usualServerLimits, type ServedConnection, type ServingBackend } from '@mycelium/runtime';
import type { BackendEffect, QueueStore } from '@mycelium/runtime';
import { createPrimitives } from '@mycelium/node';
import { createMemoryQueueStore, type MemoryQueueStore, type SimulatedNode } from '@mycelium/simulation';

const primitives = createPrimitives();
const nothing: QueueBounds = { first: 0, next: 0 };

export class TestRelay {
  readonly node: SimulatedNode;
  store: MemoryQueueStore;
  /** Every frame that went into the store, in order. */
  readonly appended: Uint8Array[] = [];

  constructor(node: SimulatedNode) {
    this.node = node;
    this.store = this.#emptyStore();
  }

  #emptyStore(): MemoryQueueStore {
    const limits = {
      retentionMs: 30 * 86_400_000,
      framesPerQueueMax: 100_000,
      queuesMax: 1_000,
      bytesMax: 1e9,
    };
    return createMemoryQueueStore({ clock: this.node.life.clock, limits });
  }

  async start(): Promise<void> {
    const { transport, clock, randomness } = this.node.life;
    const backend = createStoreBackend(this.store, (append) => this.appended.push(append.frame));
    const serving = { transport, clock, randomness, primitives, limits: usualServerLimits, backend };
    await transport.listen((link) => void serveLink(serving, link, () => undefined));
  }

  crash(): void {
    this.node.crash();
    this.store = this.store.crash();
  }

  async restart(): Promise<void> {
    this.node.restart();
    await this.start();
  }

  loseDisk(): void {
    this.store = this.#emptyStore();
  }
}

/** Performs one effect after the other; tells all watching connections what has grown. */
export function createStoreBackend(
  store: QueueStore,
  noteAppended: (append: ServerAppend) => void,
): ServingBackend {
  const watchers = new Map<string, Set<(grown: GrownQueue) => void>>();
  const grew = (route: Uint8Array, frame: Uint8Array, bounds: QueueBounds): void => {
    for (const tell of watchers.get(routeKey(route)) ?? []) tell({ route, bounds, frames: [frame] });
  };
  return {
    begin(connection) {
      const told = (grown: GrownQueue): void => connection.give({ kind: 'grown', queues: [grown] });
      let chain = Promise.resolve();
      return {
        perform(effect) {
          chain = chain.then(() =>
            perform(store, connection, effect, { watchers, told, grew, noteAppended }),
          );
        },
        end: () => watchers.forEach((set) => set.delete(told)),
      };
    },
  };
}

interface Hub {
  readonly watchers: Map<string, Set<(grown: GrownQueue) => void>>;
  readonly told: (grown: GrownQueue) => void;
  readonly grew: (route: Uint8Array, frame: Uint8Array, bounds: QueueBounds) => void;
  readonly noteAppended: (append: ServerAppend) => void;
}

async function perform(
  store: QueueStore,
  connection: ServedConnection,
  effect: BackendEffect,
  hub: Hub,
): Promise<void> {
  switch (effect.kind) {
    case 'open': {
      const { open } = effect;
      const state =
        open.role === 'owner'
          ? await store.open(open.route, open.base, open.intakeDifficulty)
          : ((await store.state(open.route)) ?? nothing);
      const outcome =
        typeof state === 'string'
          ? ({ kind: 'refused', name: state } as const)
          : { kind: 'ok' as const, ...state };
      return connection.give({ kind: 'opened', open, outcome });
    }
    case 'append': {
      const owned = effect.appends.map((append) => ({ ...append, frame: append.frame.slice() }));
      const outcomes = await store.append(owned);
      for (const [at, append] of owned.entries()) {
        const outcome = outcomes[at]!;
        if (outcome.kind === 'refused') {
          const name = outcome.reason;
          connection.give({
            kind: 'appended',
            results: [{ append, outcome: { kind: 'refused', name, retryAfterMs: 0 } }],
          });
          continue;
        }
        hub.noteAppended(append);
        connection.give({ kind: 'appended', results: [{ append, outcome }] });
        const first = (await store.state(append.route))?.first ?? 0;
        hub.grew(append.route, append.frame, { first, next: outcome.index + 1 });
      }
      return;
    }
    case 'look-up': {
      const difficulty = (await store.state(effect.intake.route))?.intakeDifficulty;
      return connection.give({ ...effect, kind: 'difficulty', difficulty, nowMs: effect.intake.stampTimeMs });
    }
    case 'watch': {
      const key = routeKey(effect.subscribe.route);
      hub.watchers.set(key, (hub.watchers.get(key) ?? new Set()).add(hub.told));
      const bounds = (await store.state(effect.subscribe.route)) ?? nothing;
      return connection.give({ kind: 'watched', subscribe: effect.subscribe, bounds });
    }
    case 'unwatch':
      hub.watchers.get(routeKey(effect.route))?.delete(hub.told);
      return;
    case 'read': {
      const { read } = effect;
      const bounds = (await store.state(read.route)) ?? nothing;
      const frames = await store.read(read.route, read.from, read.framesMax, read.bytesMax);
      return connection.give({ kind: 'read', read, bounds, frames });
    }
    case 'trim': {
      await store.trim(effect.trim.route, effect.trim.upTo);
      const bounds = (await store.state(effect.trim.route)) ?? nothing;
      return connection.give({ kind: 'trimmed', trim: effect.trim, outcome: { kind: 'ok', ...bounds } });
    }
    case 'report': {
      const report = { loadPercent: 0, queues: 0, connections: 1, retentionSeconds: 0, queueFramesMax: 0 };
      return connection.give({ kind: 'reported', status: effect.status, report });
    }
  }
}
