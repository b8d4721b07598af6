/** The directory: publishing and looking up over real nodes, and a node that nobody asks. */
import type { Budget, Case, Result } from '../case.ts';
import { measureIdle, type IdleFigures } from '../directory/idle.ts';
import { loopbackNodes, measureLoopback, type LoopbackFigures } from '../directory/loopback.ts';
import { median, quantile, round, spreadOf } from '../statistics.ts';

const where = `${loopbackNodes} directory nodes in one process on loopback, a client that knows one of them in another`;

function lookUp(figures: LoopbackFigures): Result {
  const { found, asked, lookUpMs } = figures;
  return {
    case: 'directory.lookup',
    value: round(median(lookUpMs)),
    unit: 'ms',
    spread: spreadOf(lookUpMs),
    ratios: {},
    quantiles: { p95: round(quantile(lookUpMs, 0.95)), 'found of a hundred': round((found / asked) * 100) },
    counts: `One look-up of a claim, walk and record, one after the other; ${where}.`,
    goal: { bound: 'most', value: 50 },
  };
}

function publish({ publishMs }: LoopbackFigures): Result {
  return {
    case: 'directory.publish',
    value: round(median(publishMs)),
    unit: 'ms',
    spread: spreadOf(publishMs),
    ratios: {},
    quantiles: { p95: round(quantile(publishMs, 0.95)) },
    counts: `One record brought to the 20 closest nodes, the walk to them included, its work and its seal not; ${where}.`,
    goal: { bound: 'most', value: 200 },
  };
}

function vanished({ foundVanished, vanishedMs }: LoopbackFigures): Result {
  return {
    case: 'directory.vanished',
    value: round((foundVanished / vanishedMs.length) * 100),
    unit: '% found',
    spread: null,
    ratios: {},
    quantiles: { 'p50 ms': round(median(vanishedMs)), 'p95 ms': round(quantile(vanishedMs, 0.95)) },
    counts: `Look-ups right after a third of the nodes ended without a word; ${where}.`,
    goal: { bound: 'least', value: 99.9 },
  };
}

function idle({ residentMb, corePercent }: IdleFigures): readonly Result[] {
  const about =
    'of `mycelium up --roles directory` with no records, beside one other node that it knows, 3 s after ready';
  const none = 'there is no /proc here';
  return [
    {
      case: 'directory.idle',
      value: residentMb === undefined ? null : round(residentMb),
      unit: 'MB',
      spread: null,
      ratios: {},
      counts: `VmRSS ${about}; Node itself is in it.`,
      goal: { bound: 'most', value: 90 },
      ...(residentMb === undefined && { skipped: none }),
    },
    {
      case: 'directory.idle-cpu',
      value: corePercent === undefined ? null : round(corePercent),
      unit: '% of a core',
      spread: null,
      ratios: {},
      counts: `CPU time of all threads ${about}, while nobody asks.`,
      goal: { bound: 'most', value: 0.5 },
      ...(corePercent === undefined && { skipped: none }),
    },
  ];
}

async function run({ quick }: Budget): Promise<readonly Result[]> {
  const figures = await measureLoopback(quick ? 20 : 60, quick ? 3 : 10);
  const rest = await measureIdle(quick ? 10 : 60);
  return [lookUp(figures), publish(figures), vanished(figures), ...idle(rest)];
}

export const directory: Case = {
  names: [
    'directory.lookup',
    'directory.publish',
    'directory.vanished',
    'directory.idle',
    'directory.idle-cpu',
  ],
  run,
};
