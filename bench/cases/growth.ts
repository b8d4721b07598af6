/** What conversations and messages cost when there are many of them: nothing may grow faster than they do. */
import type { ApiCaller } from '@mycelium/api';
import { TestNode } from '../../test/harness/node.ts';
import { World } from '../../test/harness/program.ts';
import { type Budget, type Case, type Result, skipped } from '../case.ts';
import { Deadline, LateError } from '../deadline.ts';
import { friendAddress, openFiller } from '../in-process/fill.ts';
import { Child } from '../processes/child.ts';
import type { FriendsQuestions } from '../processes/friends.ts';
import { readBusyMs, readResidentKb, untilIdle } from '../processes/idle.ts';
import { aliceAddress, callerOf } from '../processes/people.ts';
import { median, quantile, round, spreadOf } from '../statistics.ts';

/** Calls of messages.send that wait for their answer at one time. */
const inFlight = 512;
const sizes = [10, 100, 1_000, 10_000];
const quickSizes = [10, 100];
/** For all sizes together. */
const minutes = 11;

interface Measured {
  readonly conversations: number;
  readonly rates: readonly number[];
  /** Of the processor, for one text: in Alice's daemon, at the relay, in the process of the friends. */
  readonly busyUs: Busy;
  readonly residentKb: number;
}

type Busy = Readonly<Record<'alice' | 'relay' | 'friends', number>>;

interface Scene {
  readonly alice: TestNode;
  readonly relay: TestNode;
  readonly friends: Child<FriendsQuestions>;
  readonly deadline: Deadline;
  /** What one contact took to be met, of those that were met last. */
  meetingMs: number;
  /** Texts that friends have heard in all. */
  texts: number;
}

/** Sends so many texts, each to the next of so many contacts; resolves when the last of them is there. */
async function sendAround(
  scene: Scene,
  caller: ApiCaller,
  { texts, conversations }: { readonly texts: number; readonly conversations: number },
): Promise<void> {
  const before = scene.texts;
  let sent = 0;
  const lane = async (): Promise<void> => {
    while (sent < texts) {
      const number = before + sent++;
      const to = friendAddress(number % conversations);
      await caller.call('messages.send', { to, text: `text ${number}` });
    }
  };
  scene.texts += texts;
  const heard = scene.friends.ask('heard', scene.texts);
  await Promise.all([heard, ...Array.from({ length: inFlight }, lane)]);
}

/** More contacts, until there are so many. */
async function befriend(scene: Scene, from: number, conversations: number): Promise<void> {
  const { alice, relay, friends, deadline } = scene;
  const contacts = conversations - from;
  deadline.expect(`meeting ${named(contacts)} contacts`, contacts * scene.meetingMs);
  deadline.enter(`${named(contacts)} contacts are met`);
  const started = performance.now();
  const folder = { folder: alice.data, address: aliceAddress, relay: relay.address };
  await deadline.meet(friends.ask('befriend', { ...folder, contacts }));
  scene.meetingMs = (performance.now() - started) / contacts;
}

async function measure(scene: Scene, conversations: number, budget: Budget): Promise<Measured> {
  const { alice, friends, deadline } = scene;
  deadline.enter(`a daemon with ${named(conversations)} conversations starts`);
  await alice.start();
  await untilIdle(alice.up?.pid ?? 0);
  const residentKb = readResidentKb(alice.up?.pid ?? 0);
  deadline.enter('the contacts come to the relay');
  await friends.ask('come', null);
  const caller = await callerOf(alice);
  deadline.enter(`texts go to ${named(conversations)} contacts`);
  // Each conversation has been opened everywhere before time is taken.
  await sendAround(scene, caller, { texts: Math.max(conversations, 500), conversations });
  const [rounds, texts] = budget.quick ? [3, 500] : [5, 4_000];
  const rates: number[] = [];
  const before = busyOf(scene);
  for (let at = 0; at < rounds; at += 1) {
    const started = performance.now();
    await sendAround(scene, caller, { texts, conversations });
    rates.push(texts / ((performance.now() - started) / 1000));
  }
  const after = busyOf(scene);
  const each = (name: keyof Busy): number => round(((after[name] - before[name]) * 1000) / (rounds * texts));
  const busyUs = { alice: each('alice'), relay: each('relay'), friends: each('friends') };
  caller.close();
  await alice.stop();
  return { conversations, rates, busyUs, residentKb };
}

const named = (count: number): string => count.toLocaleString('en-US');

/** Milliseconds so far. */
function busyOf({ alice, relay, friends }: Scene): Busy {
  const of = (node: TestNode): number => readBusyMs(node.up?.pid ?? 0);
  return { alice: of(alice), relay: of(relay), friends: readBusyMs(friends.pid) };
}

async function newAccount(world: World, relay?: TestNode): Promise<TestNode> {
  const at = relay === undefined ? [] : [relay.address];
  const node = new TestNode(world, 'alice', { bootstrap: at, relays: at });
  await node.start();
  await node.init(aliceAddress);
  await node.stop();
  return node;
}

async function runGrowth(budget: Budget): Promise<readonly Result[]> {
  const world = new World();
  const friends = new Child<FriendsQuestions>('friends.ts', ['--max-old-space-size=8192']);
  try {
    const relay = await new TestNode(world, 'relay', { roles: 'relay,directory' }).start();
    const alice = await newAccount(world, relay);
    const deadline = new Deadline(minutes);
    return await growThrough({ alice, relay, friends, deadline, meetingMs: 0, texts: 0 }, budget);
  } finally {
    await friends.stop();
    await world.end();
  }
}

/** Size after size; those that there is no time for say so. */
async function growThrough(scene: Scene, budget: Budget): Promise<readonly Result[]> {
  const measured: Measured[] = [];
  const late: Result[] = [];
  for (const conversations of budget.sizes ?? (budget.quick ? quickSizes : sizes)) {
    try {
      await befriend(scene, measured.at(-1)?.conversations ?? 0, conversations);
      measured.push(await scene.deadline.meet(measure(scene, conversations, budget)));
    } catch (error) {
      if (!(error instanceof LateError)) throw error;
      process.stderr.write(`  growth.${conversations} was ${error.message}\n`);
      late.push(
        skipped(`growth.${conversations}`, 'messages/s', whatRatesCount(conversations), error.message),
      );
      // Whoever is late is left to itself: nothing after it can be trusted.
      break;
    }
  }
  return [...measured.map((one) => rateResult(one, measured[0])), ...late, memoryResult(measured)];
}

function rateResult({ conversations, rates, busyUs }: Measured, smallest: Measured | undefined): Result {
  const value = median(rates);
  return {
    case: `growth.${conversations}`,
    value: round(value),
    unit: 'messages/s',
    spread: spreadOf(rates),
    ratios: smallest === undefined ? {} : { ten: round(value / median(smallest.rates)) },
    quantiles: { 'sender µs a text': busyUs.alice, 'relay µs': busyUs.relay, 'readers µs': busyUs.friends },
    counts: whatRatesCount(conversations),
  };
}

function whatRatesCount(conversations: number): string {
  return (
    `Texts from Alice's API (one connection, ${inFlight} calls under way), each to the next of ${named(conversations)} contacts, from the ` +
    'first call until the client of the last contact has it: through a relay, encrypted, stored by Alice’s daemon before it goes on, ' +
    'receipts on, which come directly too. The contacts are whole clients in one process, in memory; four processes on the machine.'
  );
}

function memoryResult(measured: readonly Measured[]): Result {
  const [first, last] = [measured[0], measured.at(-1)];
  const counts =
    'VmRSS that an idle conversation adds to a daemon that was started and has opened all its queues at the relay: with ' +
    `${named(last?.conversations ?? 0)} of them less with ${first?.conversations ?? 0}, by their number.`;
  if (first === undefined || last === undefined || first === last)
    return skipped('growth.idle', 'KB', counts, 'not measured: it takes two sizes');
  const value = (last.residentKb - first.residentKb) / (last.conversations - first.conversations);
  if (!Number.isFinite(value)) return skipped('growth.idle', 'KB', counts, 'there is no /proc here');
  return { case: 'growth.idle', value: round(value), unit: 'KB', spread: null, ratios: {}, counts };
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
