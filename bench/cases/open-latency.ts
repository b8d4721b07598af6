/** How long one frame takes from bytes to a readable message in memory, and its tail. */
import type { Budget, Case, Result } from '../case.ts';
import { quantile, round, spreadOf } from '../statistics.ts';
import { MemoryFeed } from './feed.ts';

function run(budget: Budget): Promise<readonly Result[]> {
  const feed = new MemoryFeed({ batch: 1 });
  const [rounds, frames] = budget.quick ? [4, 5_000] : [8, 20_000];
  const all: number[] = [];
  const medians: number[] = [];
  for (let at = -1; at < rounds; at += 1) {
    const times: number[] = [];
    for (let frame = 0; frame < frames; frame += 1) {
      const bytes = feed.seal();
      const started = process.hrtime.bigint();
      feed.open(bytes);
      times.push(Number(process.hrtime.bigint() - started) / 1000);
    }
    if (at < 0) continue; // the first round warms up
    for (const time of times) all.push(time);
    medians.push(quantile(times, 0.5));
  }
  const quantiles = {
    p50: round(quantile(all, 0.5)),
    p99: round(quantile(all, 0.99)),
    'p99.9': round(quantile(all, 0.999)),
  };
  return Promise.resolve([
    {
      case: 'open.latency',
      value: quantiles.p99,
      unit: 'µs at p99',
      spread: spreadOf(medians),
      ratios: {},
      quantiles,
      counts:
        'One short frame at a time (batches of one), from its bytes to its content and header in memory: checks, chain step, AEAD, new ' +
        'state of the reader. The clock is read twice within it; garbage collection is in it.',
      goal: { bound: 'most', value: 35 },
    },
  ]);
}

export const openLatency: Case = { names: ['open.latency'], run };
