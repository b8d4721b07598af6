/** How late the latest text is when paths die in the middle of a conversation and others are there. */
import type { Budget, Case, Result } from '../case.ts';
import { median, quantile, round } from '../statistics.ts';
import { nftablesMissing } from '../../test/harness/namespaces.ts';
import { faults, heal } from '../../test/laboratory/faults.ts';
import { skipped } from '../case.ts';

const counts =
  'The longest that any text took, of ten a second both ways, while all that goes from Alice’s machine to her three relays over TCP and UDP is lost ' +
  'without a word and a WebSocket on port 443 is not: real nodes in network namespaces, between whom nothing leads but relays. Median of the rounds.';

async function measure(budget: Budget): Promise<readonly Result[]> {
  const missing = nftablesMissing();
  if (missing !== undefined) return [skipped('heal.path', 'ms', counts, missing)];
  const fault = faults.find(({ name }) => name.startsWith('TCP and UDP'));
  if (fault === undefined) throw new Error('the laboratory has this fault');
  const times: number[] = [];
  for (let at = 0; at < (budget.quick ? 1 : 5); at += 1) {
    const scene = await fault.start();
    try {
      const { healMs, lost, twice } = await heal(scene, fault);
      if (lost + twice > 0) throw new Error(`${lost} texts were lost and ${twice} shown twice`);
      times.push(healMs);
    } finally {
      await scene.end();
    }
  }
  const quantiles = { worst: round(quantile(times, 1)) };
  const goal = { bound: 'most', value: 1_000 } as const;
  const value = round(median(times));
  return [{ case: 'heal.path', value, unit: 'ms', spread: null, ratios: {}, quantiles, counts, goal }];
}

export const healPath: Case = { names: ['heal.path'], run: measure };
