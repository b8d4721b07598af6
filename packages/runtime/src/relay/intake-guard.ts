/**
 * What strangers may do to one queue (spec/mail.md, "Intake"): so many frames in a time, whoever sends them, and no frame
 * twice, so that the work of one stamp buys one frame.
 */
import { type Primitives, routeKey, type ServerAppendOutcome } from '@mycelium/protocol';
import type { Clock } from '../ports/clock.ts';

export interface IntakeLimits {
  /** Frames that one queue takes at once. An introduction has up to 23. */
  readonly burst: number;
  readonly perHour: number;
  /** Stamps remembered, all queues together. */
  readonly stampsMax: number;
}

const usualLimits: IntakeLimits = { burst: 240, perHour: 480, stampsMax: 65_536 };

interface Allowance {
  readonly frames: number;
  readonly atMs: number;
}

export class IntakeGuard {
  readonly #primitives: Pick<Primitives, 'sha256'>;
  readonly #clock: Clock;
  readonly #limits: IntakeLimits;
  readonly #allowances = new Map<string, Allowance>();
  /** In order of arrival. */
  readonly #seen = new Map<string, Promise<ServerAppendOutcome>>();

  constructor(primitives: Pick<Primitives, 'sha256'>, clock: Clock, limits: IntakeLimits = usualLimits) {
    this.#primitives = primitives;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Stores by `store` unless this very frame was stored before: then its outcome is told again. */
  async append(
    frame: Uint8Array,
    route: Uint8Array,
    store: () => Promise<ServerAppendOutcome>,
  ): Promise<ServerAppendOutcome> {
    const key = routeKey(this.#primitives.sha256(frame));
    const before = this.#seen.get(key);
    if (before !== undefined) return before;
    const waitMs = this.#take(routeKey(route));
    if (waitMs > 0) return { kind: 'refused', name: 'rate', retryAfterMs: waitMs };
    const outcome = store();
    this.#remember(key, outcome);
    const { kind } = await outcome;
    if (kind === 'refused') this.#seen.delete(key);
    return outcome;
  }

  #remember(key: string, outcome: Promise<ServerAppendOutcome>): void {
    this.#seen.set(key, outcome);
    if (this.#seen.size <= this.#limits.stampsMax) return;
    for (const oldest of this.#seen.keys()) {
      this.#seen.delete(oldest);
      return;
    }
  }

  /** Zero when a frame may come now; else how long to wait. */
  #take(route: string): number {
    const nowMs = this.#clock.monotonicMs();
    const perMs = this.#limits.perHour / 3_600_000;
    const before = this.#allowances.get(route) ?? { frames: this.#limits.burst, atMs: nowMs };
    const frames = Math.min(this.#limits.burst, before.frames + (nowMs - before.atMs) * perMs);
    if (frames < 1) return Math.ceil((1 - frames) / perMs);
    this.#allowances.set(route, { frames: frames - 1, atMs: nowMs });
    return 0;
  }

  /** Forgets queues whose allowance is whole again. */
  tidy(): void {
    const nowMs = this.#clock.monotonicMs();
    const wholeAfterMs = (this.#limits.burst / this.#limits.perHour) * 3_600_000;
    for (const [route, { atMs }] of this.#allowances) {
      if (nowMs - atMs >= wholeAfterMs) this.#allowances.delete(route);
    }
  }
}
