/** The serving machine of a relay on its own: a chunk of an owner's frames in, *stored* and a push out. No socket, no disk. */
import { createPrimitives } from '@mycelium/node';
import {
  createServer,
  encodeHello,
  encodeSubscribe,
  type ServerAppend,
  type ServerEffect,
  type ServerInput,
  type ServerState,
  signOpen,
  stepServer,
  type TransportKey,
} from '@mycelium/protocol';
import { usualServerLimits } from '@mycelium/runtime';
import { frameBatch, queueKeys } from './load-link.ts';

const primitives = createPrimitives();
const identity = { challenge: new Uint8Array(32), transportKey: new Uint8Array(32) as TransportKey };
const requestId = new Uint8Array(12).fill(1);
const limits = { ...usualServerLimits, rate: { perSecond: 1e9, burst: 1e9 } };

class Connection {
  #state: ServerState;

  constructor() {
    this.#state = createServer(identity, limits, 0).state;
    const hello = { versionMin: 1, versionMax: 1, features: 0, challenge: new Uint8Array(32) };
    this.bytes(encodeHello({ ...hello, appendFramesPerSecond: 0, retentionSeconds: 0, queueFramesMax: 0 }));
  }

  give(input: ServerInput): readonly ServerEffect[] {
    const { state, effects } = stepServer(this.#state, input, primitives);
    this.#state = state;
    return effects;
  }

  bytes(bytes: Uint8Array): readonly ServerEffect[] {
    return this.give({ kind: 'bytes', bytes, nowMs: 0, monotonicMs: 0 });
  }
}

/** One queue with its owner and a reader that is at its end. */
export class RelayMachine {
  readonly chunk: Uint8Array;
  readonly #owner = new Connection();
  readonly #reader = new Connection();
  readonly #route: Uint8Array;
  #next = 0;

  /** `others`: queues that the two have open beside it. */
  constructor(frames: number, others = 0) {
    const keys = queueKeys(primitives, 1);
    this.#route = keys.route;
    this.chunk = frameBatch(keys.route, frames);
    for (let number = 1; number <= others; number += 1) this.#open(queueKeys(primitives, 1 + number));
    this.#open(keys);
  }

  #open(keys: ReturnType<typeof queueKeys>): void {
    for (const [connection, role] of [
      [this.#owner, 'owner'],
      [this.#reader, 'reader'],
    ] as const) {
      const { readerPublicKey, ownerPublicKey, route } = keys;
      const wish = {
        route,
        requestId,
        role,
        readerPublicKey,
        ownerPublicKey,
        base: 0,
        intakeDifficulty: undefined,
      };
      const [asked] = connection.bytes(signOpen(primitives, identity, wish, keys.seeds[role]));
      if (asked?.kind !== 'open') throw new Error('the queue is opened');
      connection.give({ kind: 'opened', open: asked.open, outcome: { kind: 'ok', first: 0, next: 0 } });
    }
    const [watch] = this.#reader.bytes(encodeSubscribe({ route: keys.route, requestId, from: 0 }));
    if (watch?.kind !== 'watch') throw new Error('the queue is watched');
    this.#reader.give({ kind: 'watched', subscribe: watch.subscribe, bounds: { first: 0, next: 0 } });
  }

  /** The chunk once more; answers what the store is asked to take and what is written to both. */
  pass(): { readonly appends: readonly ServerAppend[]; readonly written: readonly Uint8Array[] } {
    const [asked] = this.#owner.bytes(this.chunk);
    if (asked?.kind !== 'append') throw new Error('the frames are appended');
    const { appends } = asked;
    const results = appends.map((append) => {
      const outcome = { kind: 'stored', index: append.index ?? 0, expiresMs: 1e12 } as const;
      return { append, outcome };
    });
    this.#next += appends.length;
    const frames = appends.map(({ frame }) => frame);
    const bounds = { first: 0, next: this.#next };
    const effects = [
      ...this.#owner.give({ kind: 'appended', results }),
      ...this.#reader.give({ kind: 'grown', queues: [{ route: this.#route, bounds, frames }] }),
    ];
    return { appends, written: effects.flatMap((effect) => (effect.kind === 'send' ? effect.parts : [])) };
  }
}
