/** Durations and numbers as people write them on a command line. */
import { InvalidArgumentError } from 'commander';

const unitsMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** The longest that the API takes. */
const yearMs = 366 * 86_400_000;

/** `90s`, `30m`, `12h`, `7d`, `2w`. */
export function parseDuration(text: string): number {
  const found = /^(\d{1,9})([smhdw])$/.exec(text);
  const value = Number(found?.[1]) * (unitsMs[found?.[2] ?? ''] ?? Number.NaN);
  if (!Number.isSafeInteger(value) || value <= 0)
    throw new InvalidArgumentError('It is a number with a unit: 90s, 30m, 12h, 7d or 2w.');
  if (value > yearMs) throw new InvalidArgumentError('It is at most a year: 52w.');
  return value;
}

export function parseWhole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,16}$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Seconds, fractions allowed, as ms. */
export function parseSeconds(text: string): number {
  const value = Number(text);
  if (!/^\d{1,7}(\.\d{1,3})?$/.test(text) || value <= 0)
    throw new InvalidArgumentError('It is a number of seconds above zero.');
  return Math.round(value * 1000);
}
