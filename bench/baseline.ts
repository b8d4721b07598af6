/** The committed figures that docs/performance.md shows and later runs are compared with. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Result } from './case.ts';
import type { Machine } from './machine.ts';
import { performancePage } from './performance-page.ts';

export interface BaselineEntry extends Result {
  readonly machine: Machine;
  /** What was typed. */
  readonly command: string;
  /** Day of the measurement, `2026-11-22`. */
  readonly day: string;
}

export const baselineFile: string = path.join(import.meta.dirname, 'baseline.json');
export const pageFile: string = path.join(import.meta.dirname, '../docs/performance.md');

export function readBaseline(): readonly BaselineEntry[] {
  if (!existsSync(baselineFile)) return [];
  return JSON.parse(readFileSync(baselineFile, 'utf8')) as readonly BaselineEntry[];
}

/** Replaces the entries of the cases that were measured, keeps the others in the order of `names`. */
export function writeBaseline(
  measured: readonly Result[],
  names: readonly string[],
  about: { readonly machine: Machine; readonly command: string; readonly day: string },
): void {
  const entries = new Map(readBaseline().map((entry) => [entry.case, entry]));
  for (const result of measured) entries.set(result.case, { ...result, ...about });
  const ordered = names.map((name) => entries.get(name)).filter((entry) => entry !== undefined);
  writeFileSync(baselineFile, `${JSON.stringify(ordered, null, 2)}\n`);
  writeFileSync(pageFile, performancePage(ordered));
}
