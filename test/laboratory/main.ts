/**
 * The laboratory: `npm run laboratory [-- --rounds N] [--only TEXT] [--long] [--write]`. Real nodes on machines of their own (network
 * namespaces), behind real address translation (nftables); medians of N (3) rounds. `--long`: a cut of a minute too, once.
 * `--write`: into docs/network.md.
 */
import { parseArgs } from 'node:util';
import { median } from '../../bench/statistics.ts';
import { nftablesMissing } from '../harness/namespaces.ts';
import { faults, heal, partition, type Fault, type Healed } from './faults.ts';
import { meet, meetings, type Meeting, type Met } from './meetings.ts';
import { faultsTable, meetingsTable, writePage, type FaultRow, type MeetingRow } from './page.ts';
import type { Scene } from './scene.ts';

/** The long cut, once. */
const longCut = partition(60_000);

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    long: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds: a number from 1 on');

async function repeat<T>(
  what: { readonly name: string; readonly start: () => Promise<Scene> },
  once: (scene: Scene) => Promise<T>,
  times = rounds,
): Promise<readonly T[]> {
  const results: T[] = [];
  for (let round = 0; round < times; round += 1) {
    const scene = await what.start();
    try {
      const result = await once(scene);
      results.push(result);
      process.stderr.write(`${what.name}: ${JSON.stringify(result)}\n`);
    } finally {
      await scene.end();
    }
  }
  return results;
}

/** Of several, those whose figure is there; undefined where most have none. */
function middle(figures: readonly (number | undefined)[]): number | undefined {
  const there = figures.filter((figure) => figure !== undefined);
  return there.length * 2 > figures.length ? median(there) : undefined;
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0);
}

function counted(results: readonly (Met | Healed)[]) {
  return {
    said: sum(results.map(({ said }) => said)),
    lost: sum(results.map(({ lost }) => lost)),
    twice: sum(results.map(({ twice }) => twice)),
  };
}

async function meetingRow(meeting: Meeting): Promise<MeetingRow> {
  const results = await repeat(meeting, (scene) => meet(scene, meeting.directWithinMs));
  return {
    name: meeting.name,
    ...counted(results),
    firstMs: middle(results.map(({ firstMs }) => firstMs)),
    directMs: middle(results.map(({ directMs }) => directMs)),
    direct: [...new Set(results.map(({ path = 'none' }) => path))].join(', '),
    relay: [...new Set(results.map(({ relayPath = 'none' }) => relayPath))].join(', '),
  };
}

async function faultRow(fault: Fault): Promise<FaultRow> {
  const results = await repeat(fault, (scene) => heal(scene, fault), fault === longCut ? 1 : rounds);
  return {
    name: fault.name,
    ...counted(results),
    healMs: middle(results.map(({ healMs }) => healMs)),
    worstMs: Math.max(...results.map(({ healMs }) => healMs)),
    paths: [...new Set(results.map(({ before, after }) => `${before} → ${after}`))].join(', '),
  };
}

async function rowsOf<W extends { readonly name: string }, R>(
  all: readonly W[],
  row: (what: W) => Promise<R>,
): Promise<readonly R[]> {
  const rows: R[] = [];
  for (const what of all) if (what.name.includes(values.only)) rows.push(await row(what));
  return rows;
}

const missing = nftablesMissing();
if (missing !== undefined) {
  process.stderr.write(`There is no laboratory: ${missing}.\n`);
  process.exitCode = 1;
} else {
  const meetingRows = await rowsOf(meetings, meetingRow);
  const faultRows = await rowsOf([...faults, ...(values.long ? [longCut] : [])], faultRow);
  const tables = {
    meetings: meetingsTable(meetingRows),
    faults: faultsTable(faultRows),
    rounds,
    long: values.long,
  };
  process.stdout.write(`${tables.meetings}\n\n${tables.faults}\n`);
  if (values.write) await writePage(tables);
  const failed = [...meetingRows, ...faultRows].filter(({ lost, twice }) => lost + twice > 0);
  process.exitCode = failed.length > 0 ? 1 : 0;
}
