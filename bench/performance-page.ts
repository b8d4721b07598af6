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

/** Written by hand: true of every run. */
const growth = `
## Many conversations

\`npm run bench -- growth\` (\`--sizes 10,100\`: other sizes) meets contacts by the thousand and sends texts round them. It keeps to
eleven minutes: a size that does not fit is in the table as not measured, with the reason. What to compare between sizes is
microseconds of the sender’s processor a text, which other load changes least; messages a second are those of four processes on the
machine’s cores. A text to one of many contacts costs more than one to one of ten: ten contacts’ texts share runs of
rows, wakes, acknowledgements and receipts, a thousand contacts’ do not, so each then pays for its own. Nothing that a text, a receipt
or an acknowledgement does reads the rows of other conversations (a test counts them). Two things still do: heads that come (at most once an hour from a
contact) are compared with every accepted contact, and views that list all contacts list all contacts. Some 4,000 rows a table
are kept decoded; with more contacts than that in use, their rows are read from the database again. Events are never pruned,
and a secret of an epoch is kept until its peer has used that one or a later one.
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
  return `${intro}${growth}\n${[...runs.values()].map(section).join('\n')}`;
}
