/**
 * What strangers may do to one queue (spec/mail.md, "Intake"): so many frames in a time, whoever sends them, and no frame
 * twice, so that the work of one stamp buys one frame. Of all queues together only a few frames are on their way to the
 * disk at once: a flood fills no batch, and the mail of contacts does not wait behind it.
 */
import { type Primitives, routeKey, type ServerAppendOutcome, type TokenRate } from '@mycelium/protocol';
import type { Clock } from '../ports/clock.ts';
import { Allowances } from './allowances.ts';

/** Stamps remembered, all queues together. */
const stampsMax = 65_536;
/** Frames that wait until the store may be asked to keep them. */
const waitingMax = 1_024;
const retryAfterMs = 1_000;

type Store = () => Promise<ServerAppendOutcome>;

export interface IntakeGuardWish {
  readonly primitives: Pick<Primitives, 'sha256'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly perQueue: () => TokenRate;
  /** Frames that the store is asked to keep at once. */
  readonly underWayMax: number;
}

export class IntakeGuard {
  readonly #primitives: Pick<Primitives, 'sha256'>;
  readonly #frames: Allowances;
  readonly #underWayMax: number;
  /** In order of arrival. */
  readonly #seen = new Map<string, Promise<ServerAppendOutcome>>();
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;

  constructor(wish: IntakeGuardWish) {
    this.#primitives = wish.primitives;
    this.#frames = new Allowances(wish.clock, wish.perQueue);
    this.#underWayMax = wish.underWayMax;
  }

  /** Stores by `store` unless this very frame was stored before: then its outcome is told again. */
  async append(frame: Uint8Array, route: Uint8Array, store: Store): Promise<ServerAppendOutcome> {
    const key = routeKey(this.#primitives.sha256(frame));
    const before = this.#seen.get(key);
    if (before !== undefined) return before;
    if (this.#waiting.length >= waitingMax) return { kind: 'refused', name: 'rate', retryAfterMs };
    const waitMs = this.#frames.take(routeKey(route));
    if (waitMs > 0) return { kind: 'refused', name: 'rate', retryAfterMs: waitMs };
    const outcome = this.#inTurn(store);
    this.#remember(key, outcome);
    const { kind } = await outcome;
    if (kind === 'refused') this.#seen.delete(key);
    return outcome;
  }

  async #inTurn(store: Store): Promise<ServerAppendOutcome> {
    if (this.#underWay >= this.#underWayMax)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#underWay += 1;
    try {
      return await store();
    } finally {
      const next = this.#waiting.shift(); // takes over our place
      if (next === undefined) this.#underWay -= 1;
      else next();
    }
  }

  #remember(key: string, outcome: Promise<ServerAppendOutcome>): void {
    this.#seen.set(key, outcome);
    if (this.#seen.size <= stampsMax) return;
    for (const oldest of this.#seen.keys()) {
      this.#seen.delete(oldest);
      return;
    }
  }

  /** Forgets queues whose allowance is whole again. */
  tidy(): void {
    this.#frames.tidy();
  }
}
