/**
 * What a benchmark is. A case measures one thing, or several in one run so that their ratios hold whatever else the
 * machine does, and says in words what each figure counts.
 */
export interface Goal {
  /** `most`: the figure should be at most `value`; `least`: at least. */
  readonly bound: 'least' | 'most';
  readonly value: number;
}

export interface Result {
  /** Stable name: `codec.cached`. */
  readonly case: string;
  /** Null when it could not be measured here; then `skipped` says why. */
  readonly value: number | null;
  readonly unit: string;
  /** Distance between the quartiles of the rounds, as a part of the median; null with fewer than four rounds. */
  readonly spread: number | null;
  /** How many times that other figure of the same run this one is: of speeds more is better, of times less. */
  readonly ratios: Readonly<Record<string, number>>;
  /** One sentence: what is inside the figure and what is not. */
  readonly counts: string;
  readonly goal?: Goal;
  readonly quantiles?: Readonly<Record<string, number>>;
  /** What the figure is the sum of. */
  readonly parts?: Readonly<Record<string, number>>;
  readonly skipped?: string;
  /** Where the time or the memory goes, in one or two sentences: shown where the goal is missed. */
  readonly limit?: string;
}

export interface Budget {
  /** Seconds instead of a minute: fewer rounds, same code. */
  readonly quick: boolean;
  /** `--sizes`: conversations of `growth`, instead of its own steps. */
  readonly sizes?: readonly number[];
}

export interface Case {
  /** Names of the results, the first part being the case's: `codec.cached`, `codec.memory`. */
  readonly names: readonly string[];
  readonly run: (budget: Budget) => Promise<readonly Result[]>;
}

export function meetsGoal(result: Result): boolean | undefined {
  if (result.goal === undefined || result.value === null) return undefined;
  const { bound, value } = result.goal;
  return bound === 'least' ? result.value >= value : result.value <= value;
}

export function skipped(name: string, unit: string, counts: string, reason: string): Result {
  return { case: name, value: null, unit, spread: null, ratios: {}, counts, skipped: reason };
}
