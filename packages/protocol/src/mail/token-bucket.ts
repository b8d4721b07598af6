/**
 * A rate with bursts, as a value: time is an argument. The bucket may go into debt by one input, which was on its
 * way already; who is in debt is read from no further until `debtEndsMs`.
 */

export interface TokenRate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface TokenBucket {
  /** Negative: in debt. */
  readonly tokens: number;
  /** Monotonic time of `tokens`. */
  readonly atMs: number;
}

export function fullBucket(rate: TokenRate, atMs: number): TokenBucket {
  return { tokens: rate.burst, atMs };
}

export function refillBucket(bucket: TokenBucket, rate: TokenRate, atMs: number): TokenBucket {
  const elapsedMs = Math.max(0, atMs - bucket.atMs);
  return { tokens: Math.min(rate.burst, bucket.tokens + (elapsedMs * rate.perSecond) / 1000), atMs };
}

export function takeTokens(bucket: TokenBucket, tokens: number): TokenBucket {
  return { tokens: bucket.tokens - tokens, atMs: bucket.atMs };
}

/** When the debt is paid; undefined when there is none. */
export function debtEndsMs(bucket: TokenBucket, rate: TokenRate): number | undefined {
  return bucket.tokens >= 0 ? undefined : bucket.atMs + Math.ceil((-bucket.tokens * 1000) / rate.perSecond);
}
