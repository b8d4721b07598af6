import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pageFile, readBaseline } from '../baseline.ts';
import { type Result } from '../case.ts';
import { cases } from '../cases/all.ts';
import { performancePage } from '../performance-page.ts';
import { median, quantile, spreadOf } from '../statistics.ts';
import { formatNumber, rowOf } from '../table.ts';

test('quantiles lie between the samples, and a spread is a part of the median', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(quantile([5], 0.99)).toBe(5);
  expect(spreadOf([1, 2, 3])).toBeNull();
  expect(spreadOf([8, 9, 10, 11, 12])).toBe(0.2);
});

test('three digits are enough for any figure', () => {
  expect([0, 0.0123, 1.234, 12.34, 1234.5].map(formatNumber)).toEqual([
    '0',
    '0.012',
    '1.23',
    '12.3',
    '1,235',
  ]);
});

const result: Result = {
  case: 'codec.cached',
  value: 75,
  unit: 'M frames/s',
  spread: 0.1,
  ratios: { JSON: 70 },
  counts: 'frames',
  goal: { bound: 'least', value: 150 },
};

test('a row tells the figure, how far it is from its goal, and against what', () => {
  expect(rowOf(result)).toEqual([
    'codec.cached',
    '75.0 M frames/s',
    '± 5 %',
    '████████░░░░░░░░',
    '≥ 150 missed',
    '70.0 × JSON',
  ]);
  expect(rowOf({ ...result, value: null, skipped: 'not installed' })[1]).toBe('– (not installed)');
});

test('a missed goal is explained on the page, a met one is not', () => {
  const machine = { cores: 2, model: 'any', memoryGb: 1, loadAverage: 0, node: 'v26', platform: 'linux' };
  const about = { machine, command: 'npm run bench', day: '2026-11-23', limit: 'Memory is slow.' };
  expect(performancePage([{ ...result, ...about }])).toContain('- **codec.cached**: Memory is slow.');
  expect(performancePage([{ ...result, ...about, value: 151 }])).not.toContain('Memory is slow.');
});

test('every name is the name of one case', () => {
  const names = cases.flatMap((one) => one.names);
  expect(new Set(names).size).toBe(names.length);
  for (const entry of readBaseline()) expect(names).toContain(entry.case);
});

test('docs/performance.md is what the committed figures make', () => {
  expect(readFileSync(pageFile, 'utf8')).toBe(performancePage(readBaseline()));
});
