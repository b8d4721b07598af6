/**
 * npm run bench -- [NAME…] [--json] [--quick] [--sizes 10,100] [--write-baseline] [--list]
 *
 * NAME is a result (`codec.cached`) or the first part of some (`codec`); none means all. `--json` prints one object
 * a line, the machine first; otherwise a table with bars. `--write-baseline` also replaces those results in
 * bench/baseline.json and makes docs/performance.md anew. `--sizes`: how many conversations `growth` has, step by step.
 */
import { parseArgs } from 'node:util';
import { readBaseline, writeBaseline } from './baseline.ts';
import { type Budget, type Case, type Result, skipped } from './case.ts';
import { cases } from './cases/all.ts';
import { machineLine, readLoadAverage, readMachine } from './machine.ts';
import { round } from './statistics.ts';
import { terminalTable } from './table.ts';

function wanted(name: string, asked: readonly string[]): boolean {
  return asked.length === 0 || asked.some((prefix) => name === prefix || name.startsWith(`${prefix}.`));
}

function choose(asked: readonly string[]): readonly Case[] {
  const names = cases.flatMap((one) => one.names);
  const unknown = asked.filter((prefix) => !names.some((name) => wanted(name, [prefix])));
  if (unknown.length > 0) {
    wrongUse(`There is no benchmark ${unknown.join(', ')}. There are:\n  ${names.join('\n  ')}`);
  }
  return cases.filter((one) => one.names.some((name) => wanted(name, asked)));
}

/** The committed figure as a further ratio: this run against it, greater is more. */
function withBaseline(result: Result): Result {
  const before = readBaseline().find((entry) => entry.case === result.case)?.value;
  if (before == null || result.value === null || before === 0) return result;
  return { ...result, ratios: { ...result.ratios, baseline: round(result.value / before) } };
}

function wrongUse(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        'write-baseline': { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        sizes: { type: 'string' },
      },
    });
  } catch (error) {
    return wrongUse(error instanceof Error ? error.message : String(error));
  }
}

/** `10,100`: whole numbers that grow. */
function readSizes(text: string): readonly number[] {
  const sizes = text.split(',').map(Number);
  const grow = sizes.every((size, at) => Number.isSafeInteger(size) && size > (sizes[at - 1] ?? 0));
  return grow ? sizes : wrongUse(`--sizes ${text}: whole numbers that grow, such as 10,100`);
}

/** A case that breaks loses its own figures only, and the exit code tells. */
async function runCase(one: Case, budget: Budget): Promise<readonly Result[]> {
  try {
    return await one.run(budget);
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(
      `${one.names.join(', ')} failed: ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    return one.names.map((name) => skipped(name, '', 'It failed: no figure.', 'failed'));
  }
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  const chosen = choose(positionals);
  if (values.list) {
    process.stdout.write(`${chosen.flatMap((one) => one.names).join('\n')}\n`);
    return;
  }
  const sizes = values.sizes === undefined ? {} : { sizes: readSizes(values.sizes) };
  const machine = readMachine();
  const line = (value: object): boolean => process.stdout.write(`${JSON.stringify(value)}\n`);
  if (values.json) {
    line({ case: 'machine', value: machine.cores, unit: 'cores', spread: null, ratios: {}, ...machine });
  } else process.stdout.write(`${machineLine(machine)}\n\n`);
  const results: Result[] = [];
  for (const one of chosen) {
    if (!values.json) process.stderr.write(`${one.names.join(', ')} …\n`);
    const measured = await runCase(one, { quick: values.quick, ...sizes });
    for (const result of measured.filter(({ case: name }) => wanted(name, positionals))) {
      results.push(result);
      if (values.json) line(withBaseline(result));
    }
  }
  if (!values.json) process.stdout.write(`\n${terminalTable(results.map(withBaseline))}\n`);
  if (values['write-baseline']) {
    const command = ['npm run bench --', ...process.argv.slice(2)].join(' ');
    const day = new Date().toISOString().slice(0, 10);
    const names = cases.flatMap((one) => one.names);
    const seen = results.filter((result) => result.skipped !== 'failed');
    writeBaseline(seen, names, {
      machine: { ...machine, loadAverageAfter: readLoadAverage() },
      command,
      day,
    });
  }
}

await main();
// Native rivals may keep threads alive.
process.exit();
