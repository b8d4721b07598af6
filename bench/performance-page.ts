/** docs/performance.md, made from bench/baseline.json alone. */
import type { BaselineEntry } from './baseline.ts';
import { meetsGoal } from './case.ts';
import { machineLine } from './machine.ts';
import { markdownTable } from './table.ts';

const intro = `# Performance

<!-- Made by \`npm run bench -- --write-baseline\` from bench/baseline.json. Edit bench/performance-page.ts instead. -->

Every figure names what it counts. Contenders run in turn within one run, so that whatever slows the machine slows all of
them; a figure is the median of its rounds, *spread* half the distance between their quartiles, a ratio the median of the
ratios within a round. Bars: full is the goal (of an allowance, how much of it is used). Absolute figures are of the
machine named below and of its other load; ratios are what to compare.

Again, on your machine: \`npm run bench\`, or \`npm run bench -- NAME… [--quick] [--json]\`.
What the benchmarks compare with is installed by them into \`bench/rivals\`, and is no dependency of what ships.
`;

function section(entries: readonly BaselineEntry[]): string {
  const [first] = entries;
  if (first === undefined) return '';
  const counts = entries.map((entry) => `- **${entry.case}**: ${entry.counts}`);
  const missed = entries.filter((entry) => meetsGoal(entry) === false && entry.limit !== undefined);
  const limits = missed.map((entry) => `- **${entry.case}**: ${entry.limit}`);
  const why = limits.length === 0 ? '' : `\nWhat a missed goal is missed by:\n\n${limits.join('\n')}\n`;
  const about = `\`${first.command}\` on ${first.day}: ${machineLine(first.machine)}.`;
  return `${about}\n\n${markdownTable(entries)}\n\nWhat is counted:\n\n${counts.join('\n')}\n${why}`;
}

/** One section for each run that figures come from. */
export function performancePage(entries: readonly BaselineEntry[]): string {
  const runs = Map.groupBy(entries, ({ command, day, machine }) =>
    JSON.stringify([command, day, machine.loadAverage]),
  );
  return `${intro}\n${[...runs.values()].map(section).join('\n')}`;
}
