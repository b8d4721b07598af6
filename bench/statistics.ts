/** Medians, quantiles and spreads. Nothing here assumes a normal distribution: times of programs have none. */
import { assert } from '@mycelium/protocol';

/** Linear between the two nearest samples. `part` is 0 to 1. */
export function quantile(samples: readonly number[], part: number): number {
  assert(samples.length > 0, 'there are samples');
  const sorted = samples.toSorted((left, right) => left - right);
  const place = part * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? 0;
  return below + (above - below) * (place - Math.floor(place));
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Distance between the quartiles as a part of the median; null when there are too few to say. */
export function spreadOf(samples: readonly number[]): number | null {
  if (samples.length < 4) return null;
  return round((quantile(samples, 0.75) - quantile(samples, 0.25)) / median(samples));
}

/** Four significant digits: no figure here is known better. */
export function round(value: number): number {
  return Number(value.toPrecision(4));
}
