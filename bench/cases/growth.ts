/** What conversations and messages cost when there are many of them: nothing may grow faster than they do. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestNode } from '../../test/harness/node.ts';
import { World } from '../../test/harness/program.ts';
import type { Budget, Case, Result } from '../case.ts';
import { friendAddress, openFiller } from '../in-process/fill.ts';
import { aliceAddress, callerOf } from '../processes/people.ts';
import { median, quantile, round, spreadOf } from '../statistics.ts';

const inFlight = 256;
const sizes = [10, 100, 1_000, 10_000];
const quickSizes = [10, 100];

interface Measured {
  readonly conversations: number;
  readonly rates: readonly number[];
  readonly residentKb: number;
}

/** Kilobytes of a process that are in memory now; NaN where there is no /proc. */
function residentKb(node: TestNode): number {
  try {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${node.up?.pid ?? 0}/status`, 'utf8'));
    return Number(found?.[1]);
  } catch {
    return Number.NaN;
  }
}

/** Texts a second that the node of this folder takes and stores, each to another of so many contacts. */
async function sendAround(node: TestNode, conversations: number, budget: Budget): Promise<readonly number[]> {
  const [rounds, texts] = budget.quick ? [3, 500] : [5, 4_000];
  const caller = await callerOf(node);
  const rates: number[] = [];
  let number = 0;
  for (let at = -1; at < rounds; at += 1) {
    let sent = 0;
    const lane = async (): Promise<void> => {
      while (sent < texts) {
        sent += 1;
        number += 1;
        const to = friendAddress(number % conversations);
        await caller.call('messages.send', { to, text: `text ${number}` });
      }
    };
    const started = performance.now();
    await Promise.all(Array.from({ length: inFlight }, lane));
    if (at >= 0) rates.push(texts / ((performance.now() - started) / 1000)); // the first round warms up
  }
  caller.close();
  return rates;
}

async function measure(node: TestNode, conversations: number, budget: Budget): Promise<Measured> {
  await node.start();
  await sleep(budget.quick ? 2_000 : 10_000);
  const idle = residentKb(node);
  const rates = await sendAround(node, conversations, budget);
  await node.stop();
  return { conversations, rates, residentKb: idle };
}

async function newAccount(world: World): Promise<TestNode> {
  const node = new TestNode(world, 'alice', { roles: 'user' });
  await node.start();
  await node.init(aliceAddress);
  await node.stop();
  return node;
}

async function runGrowth(budget: Budget): Promise<readonly Result[]> {
  const world = new World();
  try {
    const node = await newAccount(world);
    const measured: Measured[] = [];
    for (const conversations of budget.quick ? quickSizes : sizes) {
      const filler = await openFiller(node.data, aliceAddress);
      await filler.befriend(conversations);
      await filler.end();
      measured.push(await measure(node, conversations, budget));
    }
    return [...measured.map((one) => rateResult(one, measured[0])), memoryResult(measured)];
  } finally {
    await world.end();
  }
}

function rateResult({ conversations, rates }: Measured, smallest: Measured | undefined): Result {
  const value = median(rates);
  return {
    case: `growth.${conversations}`,
    value: round(value),
    unit: 'texts/s',
    spread: spreadOf(rates),
    ratios: smallest === undefined ? {} : { ofTen: round(value / median(smallest.rates)) },
    counts:
      `Texts that a node takes (one connection, ${inFlight} calls under way) and has on its disk, sealed, each to the next of ` +
      `${conversations} contacts, none of which is there. The contacts were made by real clients in the benchmark's process.`,
  };
}

function memoryResult(measured: readonly Measured[]): Result {
  const [first, last] = [measured[0], measured.at(-1)];
  const more = (last?.conversations ?? 0) - (first?.conversations ?? 0);
  const value = ((last?.residentKb ?? 0) - (first?.residentKb ?? 0)) / more;
  return {
    case: 'growth.idle',
    value: Number.isFinite(value) ? round(value) : null,
    unit: 'KB',
    spread: null,
    ratios: {},
    counts:
      `VmRSS that an idle conversation adds to a node 10 s (--quick: 2 s) after it was started: with ${last?.conversations} of ` +
      `them less with ${first?.conversations}, by their number.`,
    ...(!Number.isFinite(value) && { skipped: 'there is no /proc here' }),
  };
}

async function runStart(budget: Budget): Promise<readonly Result[]> {
  const world = new World();
  const texts = budget.quick ? 2_000 : 100_000;
  try {
    const node = await newAccount(world);
    const filler = await openFiller(node.data, aliceAddress);
    await filler.write(texts);
    await filler.end();
    const times: number[] = [];
    for (let at = 0; at < (budget.quick ? 4 : 8); at += 1) {
      const started = performance.now();
      await node.start();
      times.push(performance.now() - started);
      await node.stop();
    }
    return [startResult(times, texts)];
  } finally {
    await world.end();
  }
}

function startResult(times: readonly number[], texts: number): Result {
  return {
    case: 'start-up.100k',
    value: round(median(times)),
    unit: 'ms',
    spread: spreadOf(times),
    ratios: {},
    quantiles: { fastest: round(quantile(times, 0)), slowest: round(quantile(times, 1)) },
    counts:
      `From spawning \`mycelium up --json\` until its ready line, with ${texts.toLocaleString('en')} texts in the store (--quick: 2,000), each ` +
      'stored, sent and confirmed by a real client in the benchmark’s process.',
    goal: { bound: 'most', value: 1_000 },
  };
}

export const growth: Case = {
  names: [...sizes.map((size) => `growth.${size}`), 'growth.idle'],
  run: runGrowth,
};
export const startUp: Case = { names: ['start-up.100k'], run: runStart };
