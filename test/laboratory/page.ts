/** The laboratory's tables, and the part of docs/network.md that is made of them. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { machineLine, readMachine } from '../../bench/machine.ts';

interface CountedRow {
  readonly name: string;
  readonly said: number;
  readonly lost: number;
  readonly twice: number;
}

export interface MeetingRow extends CountedRow {
  readonly firstMs: number | undefined;
  readonly directMs: number | undefined;
  /** Kinds of paths, as the rounds had them. */
  readonly direct: string;
  readonly relay: string;
}

export interface FaultRow extends CountedRow {
  readonly healMs: number | undefined;
  readonly worstMs: number;
  readonly paths: string;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function ms(value: number | undefined): string {
  return value === undefined ? '–' : Math.round(value).toLocaleString('en-US');
}

function countedCells({ said, lost, twice }: CountedRow): readonly string[] {
  return [said, lost, twice].map((count) => count.toLocaleString('en-US'));
}

const countedHead = ['texts', 'lost', 'shown twice'];

export function meetingsTable(rows: readonly MeetingRow[]): string {
  return table(
    ['', 'first text, ms', 'direct link, ms', 'direct path', 'path to a relay', ...countedHead],
    rows.map((row) => [
      row.name,
      ms(row.firstMs),
      ms(row.directMs),
      row.direct,
      row.relay,
      ...countedCells(row),
    ]),
  );
}

export function faultsTable(rows: readonly FaultRow[]): string {
  return table(
    ['', 'healed after, ms', 'worst round, ms', 'path before → after', ...countedHead],
    rows.map((row) => [row.name, ms(row.healMs), ms(row.worstMs), row.paths, ...countedCells(row)]),
  );
}

export interface Tables {
  readonly meetings: string;
  readonly faults: string;
  readonly rounds: number;
  /** With the cut of a minute. */
  readonly long: boolean;
}

const page = path.resolve(import.meta.dirname, '../../docs/network.md');

/** Between the two marks of the page. */
export async function writePage({ meetings, faults, rounds, long }: Tables): Promise<void> {
  const text = await readFile(page, 'utf8');
  const day = new Date().toISOString().slice(0, 10);
  const command = `npm run laboratory --${long ? ' --long' : ''} --write`;
  const medians = `medians of ${rounds} rounds${long ? ' (of the cut of a minute, one)' : ''}`;
  const about = `\`${command}\` on ${day}, ${medians}: ${machineLine(readMachine())}.`;
  const section = `<!-- laboratory -->\n\n${about}\n\n${meetings}\n\n${faults}\n\n<!-- laboratory end -->`;
  const parts = /<!-- laboratory -->[\s\S]*<!-- laboratory end -->/;
  if (!parts.test(text)) throw new Error('docs/network.md has no place for the tables: its marks are gone');
  await writeFile(
    page,
    text.replace(parts, () => section),
  );
}
