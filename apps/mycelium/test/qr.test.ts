import { encode } from 'uqr';
import { expect, test } from 'vitest';
import { qrLines, qrModules, qrSvg } from '../src/terminal/qr.ts';

const code = `mycelium:verify/${'Ab-_'.repeat(23)}`;

/** Modules as they stand in lines of half blocks, the drawn ones true. */
function drawn(lines: readonly string[]): boolean[][] {
  return lines.flatMap((line) => [
    line.split('').map((character) => '▀█'.includes(character)),
    line.split('').map((character) => '▄█'.includes(character)),
  ]);
}

test('a QR code in a terminal is the code, light on dark or black on white', () => {
  const modules = qrModules(code);
  expect(modules.length).toBe(encode(code, { ecc: 'L', border: 4 }).size);
  const plain = drawn(qrLines(code, false)).slice(0, modules.length);
  expect(plain.map((row) => row.map((light) => !light))).toEqual(modules);
  const coloured = qrLines(code, true);
  // oxlint-disable-next-line no-control-regex -- what is looked for are control characters
  for (const line of coloured) expect(line).toMatch(/^\u001b\[38;5;16;48;5;231m[ ▀▄█]+\u001b\[0m$/u);
  // oxlint-disable-next-line no-control-regex -- as above
  const inside = coloured.map((line) => line.replaceAll(/\u001b\[[0-9;]*m/gu, ''));
  expect(drawn(inside).slice(0, modules.length)).toEqual(modules);
});

test('a verify code fits a terminal of 80 columns and 25 lines', () => {
  const lines = qrLines(code, false);
  expect(lines.length).toBeLessThanOrEqual(25);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('the SVG has a quiet zone, attributes only, and one square for each dark module', () => {
  const svg = qrSvg(code);
  expect(svg).not.toMatch(/style|script|href/);
  const squares = [...svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x},${y}`);
  const dark = qrModules(code).flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`${x},${y}`] : [])));
  expect(squares).toEqual(dark);
  expect(dark.every((place) => place.split(',').every((part) => Number(part) >= 4))).toBe(true);
});
