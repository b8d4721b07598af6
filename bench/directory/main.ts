/**
 * npm run directory [-- --nodes N] [--claims N] [--write]
 *
 * Look-ups among simulated nodes that come and go, and over 50 real ones on loopback. `--write`: into docs/directory.md, and the
 * picture beside it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { machineLine, readMachine } from '../machine.ts';
import { median, quantile, round } from '../statistics.ts';
import { measureChurn } from './churn.ts';
import { loopbackNodes, measureLoopback } from './loopback.ts';
import { churnPicture, type Curve } from './picture.ts';

const docs = path.join(import.meta.dirname, '../../docs');
const begin = '<!-- figures: npm run directory -- --write -->';
const end = '<!-- end of figures -->';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '100000' },
    claims: { type: 'string', default: '100' },
    write: { type: 'boolean', default: false },
  },
});
const nodes = wholeNumber('--nodes', values.nodes);
const claims = wholeNumber('--claims', values.claims);

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option}: a number from 1 on`);
  return number;
}

async function loopbackTable(): Promise<string> {
  const { asked, found, foundVanished, lookUpMs, publishMs, vanishedMs } = await measureLoopback(1_000, 1);
  const row = (name: string, times: readonly number[], share: string): string =>
    `| ${name} | ${round(median(times))} | ${round(quantile(times, 0.95))} | ${share} |`;
  return [
    `| ${loopbackNodes} real nodes on loopback | p50 ms | p95 ms | found |`,
    '|---|---|---|---|',
    row('publication', publishMs, ''),
    row('look-up', lookUpMs, `${found} of ${asked}`),
    row('look-up after a third ended without a word', vanishedMs, `${foundVanished} of ${vanishedMs.length}`),
  ].join('\n');
}

function churnTable(curves: readonly Curve[]): string {
  const rows = curves.flatMap(({ stayHours, ages }) =>
    ages.map(
      (age) =>
        `| ${stayHours} h | ${age.hours} h | ${age.found} of ${age.claims} | ${round(median(age.timesMs))} | ` +
        `${round(quantile(age.timesMs, 0.95))} | ${round(age.asked / age.claims)} |`,
    ),
  );
  return [
    `| ${nodes.toLocaleString('en-US')} simulated nodes; one stays | published | found | p50 ms | p95 ms | questions |`,
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

const curves: Curve[] = [];
for (const [stayHours, ages] of [
  [8, [0, 1, 2, 4, 8]],
  [2, [0, 1, 2, 4]],
] as const) {
  process.stderr.write(`nodes that stay ${stayHours} hours …\n`);
  curves.push({ stayHours, ages: await measureChurn({ nodes, stayHours, claims, ages }) });
}
process.stderr.write('nodes on loopback …\n');
const machine = `${machineLine(readMachine())}.`;
const figures = `${await loopbackTable()}\n\n${churnTable(curves)}\n\n${machine}\n`;
process.stdout.write(`${figures}`);
if (values.write) {
  const page = path.join(docs, 'directory.md');
  const text = readFileSync(page, 'utf8');
  const [before = ''] = text.split(begin);
  const [, after = ''] = text.split(end);
  writeFileSync(page, `${before}${begin}\n\n${figures}\n${end}${after}`);
  writeFileSync(path.join(docs, 'directory.svg'), churnPicture(curves, nodes));
}
