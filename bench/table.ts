/** Results as people read them: a table with bars, the same in the terminal and in docs/performance.md. */
import { meetsGoal, type Result } from './case.ts';

const barCells = 16;

export function formatNumber(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en-US', {
    minimumFractionDigits: Math.min(digits, 3),
    maximumFractionDigits: Math.min(digits, 3),
  });
}

/** How far along to its goal a figure is, or how much of its allowance it takes; full is the goal. */
function bar(result: Result): string {
  if (result.goal === undefined || result.value === null) return '';
  const full = Math.min(1, result.value / result.goal.value);
  const cells = Math.round(full * barCells);
  return '█'.repeat(cells) + '░'.repeat(barCells - cells);
}

function goalText(result: Result): string {
  if (result.goal === undefined) return '';
  const sign = result.goal.bound === 'least' ? '≥' : '≤';
  const met = meetsGoal(result);
  const verdict = met === undefined ? '' : met ? ' met' : ' missed';
  return `${sign} ${formatNumber(result.goal.value)}${verdict}`;
}

function valueText(result: Result): string {
  if (result.value === null) return `– (${result.skipped ?? 'not measured'})`;
  const named = Object.entries({ ...result.quantiles, ...result.parts }).map(
    ([name, value]) => `${name} ${formatNumber(value)}`,
  );
  const more = named.length > 0 ? ` (${named.join(', ')})` : '';
  return `${formatNumber(result.value)} ${result.unit}${more}`;
}

export function rowOf(result: Result): readonly string[] {
  const spread = result.spread === null ? '' : `± ${Math.round(result.spread * 50)} %`;
  const ratios = Object.entries(result.ratios).map(([name, value]) => `${formatNumber(value)} × ${name}`);
  return [result.case, valueText(result), spread, bar(result), goalText(result), ratios.join(', ')];
}

export const columns: readonly string[] = ['case', 'figure', 'spread', 'to the goal', 'goal', 'against'];

/** For the terminal: padded columns, and under each row what it counts. */
export function terminalTable(results: readonly Result[]): string {
  const rows = [columns, ...results.map(rowOf)];
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const [head = '', ...body] = lines;
  return [head, ...body.flatMap((line, at) => [line, `    ${results[at]?.counts ?? ''}`])].join('\n');
}

/** For docs/performance.md. */
export function markdownTable(results: readonly Result[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = line(columns.map(() => '---'));
  return [line(columns), rule, ...results.map((result) => line(rowOf(result)))].join('\n');
}
