/**
 * Micro benchmarks side by side: each round lets every contender run for a moment with tinybench, in turn, so that
 * whatever slows the machine slows all of them. A round's figure is the median of its calls; the result's, the
 * median of the rounds.
 */
import { assert } from '@mycelium/protocol';
import { Bench } from 'tinybench';
import type { Budget } from './case.ts';
import { median, round, spreadOf } from './statistics.ts';

export interface Contender {
  readonly name: string;
  /** How many frames, messages or bytes one call handles. */
  readonly unitsPerCall: number;
  readonly call: () => unknown;
}

export class Race {
  readonly #rounds = new Map<string, number[]>();

  add(name: string, perSecond: number): void {
    const rounds = this.#rounds.get(name) ?? [];
    rounds.push(perSecond);
    this.#rounds.set(name, rounds);
  }

  #of(name: string): readonly number[] {
    const rounds = this.#rounds.get(name);
    assert(rounds !== undefined, `${name} took part`);
    return rounds;
  }

  /** Units a second. */
  rate(name: string): number {
    return median(this.#of(name));
  }

  spread(name: string): number | null {
    return spreadOf(this.#of(name));
  }

  /** How many times as fast: the median of the ratios within each round. */
  ratio(name: string, other: string): number {
    const others = this.#of(other);
    return round(median(this.#of(name).map((value, at) => value / (others[at] ?? Number.NaN))));
  }

  /** Against each of the others that took part. */
  ratios(name: string, others: readonly string[]): Readonly<Record<string, number>> {
    return Object.fromEntries(others.map((other) => [other, this.ratio(name, other)]));
  }
}

export async function race(contenders: readonly Contender[], budget: Budget): Promise<Race> {
  const outcome = new Race();
  const [rounds, milliseconds] = budget.quick ? [3, 40] : [9, 150];
  for (let at = 0; at < rounds; at += 1) {
    for (const { name, unitsPerCall, call } of contenders) {
      const bench = new Bench({
        time: milliseconds,
        iterations: 3,
        warmup: at === 0,
        warmupTime: milliseconds,
        warmupIterations: 3,
        throws: true,
      });
      bench.add(name, call);
      const [task] = await bench.run();
      const result = task?.result;
      assert(result !== undefined && 'latency' in result, `${name} has a result`);
      outcome.add(name, (unitsPerCall / result.latency.p50) * 1000);
    }
  }
  return outcome;
}
