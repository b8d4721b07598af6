/** Rates for many keys (queues, sources): each begins with its whole burst, and costs memory only while it has less. */
import {
  debtEndsMs,
  fullBucket,
  refillBucket,
  takeTokens,
  type TokenBucket,
  type TokenRate,
} from '@mycelium/protocol';
import type { Clock } from '../ports/clock.ts';

/** Keys remembered. The oldest is forgotten for one more, which at worst gives somebody a second burst. */
const keysMax = 262_144;

export class Allowances {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #rate: () => TokenRate;
  readonly #buckets = new Map<string, TokenBucket>();

  /** The rate is asked for each time: the operator may change it. */
  constructor(clock: Pick<Clock, 'monotonicMs'>, rate: () => TokenRate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Takes tokens and answers zero; where there are none, takes nothing and answers how long to wait. */
  take(key: string, tokens = 1): number {
    const rate = this.#rate();
    const nowMs = this.#clock.monotonicMs();
    const bucket = refillBucket(this.#buckets.get(key) ?? fullBucket(rate, nowMs), rate, nowMs);
    // More than a whole burst at once goes into debt: else it could never go at all.
    const waitMs = debtEndsMs(takeTokens(bucket, Math.min(tokens, rate.burst)), rate);
    if (waitMs !== undefined) return Math.max(1, waitMs - nowMs);
    this.#buckets.set(key, takeTokens(bucket, tokens));
    if (this.#buckets.size > keysMax) this.#forgetOldest();
    return 0;
  }

  #forgetOldest(): void {
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest);
      return;
    }
  }

  /** Forgets those that are whole again. */
  tidy(): void {
    const rate = this.#rate();
    const nowMs = this.#clock.monotonicMs();
    for (const [key, bucket] of this.#buckets) {
      if (refillBucket(bucket, rate, nowMs).tokens >= rate.burst) this.#buckets.delete(key);
    }
  }
}
