/** Texts a second between two daemons with everything on: the row that stands beside the codec's. */
import { namespacesMissing } from '../../test/harness/namespaces.ts';
import { type Budget, type Case, type Result, skipped } from '../case.ts';
import {
  bobAddress,
  callerOf,
  firstHeard,
  introduce,
  type People,
  startApart,
  startNeighbours,
  untilHeard,
} from '../processes/people.ts';
import { cpuMicroseconds } from '../processes/cpu-time.ts';
import { toxcoreRates } from '../rivals/toxcore.ts';
import { median, round, spreadOf } from '../statistics.ts';

/** Calls of messages.send that wait for their answer at one time. */
const inFlight = 512;

const both =
  `Texts from Alice's API (one connection, ${inFlight} calls under way) to Bob's \`mycelium listen --json\`, from the ` +
  'first call until the last text is printed: encrypted, stored by both daemons before it goes on, receipts on.';
const direct = 'The daemons are connected to each other on one machine; the relay gets a copy too.';
const relayed = 'The daemons are in two network namespaces that only meet through a third with the relay.';

const counted =
  'CPU time of all threads, for each text of the row before: of the sending daemon, the receiving one, the relay, `mycelium listen` and the benchmark itself.';

/** Both rows are bound by the same thing; figures of `node --cpu-prof` and of /proc, 3,000 to 6,000 texts, on a busy machine. */
const limit =
  'Five processes share two cores, and what a text costs in each stands in the row below: half of it in the daemon that sends, a third in the one that ' +
  'receives, the rest in the relay, `listen` and the benchmark, so that no process can be taken away. In a profile of both clients (20 commits for 3,000 texts; nothing waits for the disk in the ' +
  'thread any more) a quarter is SQLite (message and id, put in order from the log, 15 %; reading rows back, 10 %), an eighth the collection of garbage (some 65 KB a text in ' +
  'both, half of it byte strings and keys of rows), a seventh the receiver’s transitions, a tenth encoding, a tenth acknowledgements and receipts, a twentieth the sender’s transitions, a twentieth the log. ' +
  'Sealing and opening are below 2 %: runs of 64 would save a microsecond. What stays of a message is a row whose state changes, and an entry in an index of ids in random order. The figure that the goal for two daemons comes from (row toxcore) has nothing stored and no receipts.';

interface Measured {
  readonly rates: readonly number[];
  /** µs of CPU a text, by process. Undefined where the system does not tell. */
  readonly cost: Readonly<Record<string, number>> | undefined;
}

async function measure({ relay, alice, bob }: People, budget: Budget): Promise<Measured> {
  const [rounds, texts] = budget.quick ? [2, 500] : [5, 5_000];
  const listening = bob.listen();
  const caller = await callerOf(alice);
  await firstHeard(caller, listening);
  const round = async (at: number): Promise<number> => {
    let text = 0;
    const lane = async (): Promise<void> => {
      while (text < texts) await caller.call('messages.send', { to: bobAddress, text: `${at}/${text++}` });
    };
    const started = performance.now();
    const last = untilHeard(listening, `${at}/${texts - 1}`);
    await Promise.all(Array.from({ length: inFlight }, lane));
    return texts / (((await last) - started) / 1000);
  };
  await round(-1); // warms up
  const pids = {
    sender: alice.up?.pid ?? 0,
    receiver: bob.up?.pid ?? 0,
    relay: relay.up?.pid ?? 0,
    listen: listening.pid,
    benchmark: process.pid,
  };
  const before = costs(pids);
  const rates: number[] = [];
  for (let at = 0; at < rounds; at += 1) rates.push(await round(at));
  const after = costs(pids);
  caller.close();
  const cost = Object.keys(pids).map((name) => [
    name,
    ((after[name] ?? NaN) - (before[name] ?? NaN)) / (rounds * texts),
  ]);
  const isKnown = cost.every(([, value]) => Number.isFinite(value));
  return { rates, cost: isKnown ? (Object.fromEntries(cost) as Record<string, number>) : undefined };
}

function costs(pids: Readonly<Record<string, number>>): Readonly<Record<string, number | undefined>> {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMicroseconds(pid)]));
}

async function figures(
  name: 'messages' | 'direct',
  start: () => Promise<People>,
  budget: Budget,
): Promise<readonly [Result, Result]> {
  const people = await start();
  try {
    await introduce(people);
    const { rates, cost } = await measure(people, budget);
    const counts = `${both} ${name === 'direct' ? direct : relayed}`;
    return [
      {
        case: `e2e.${name}`,
        value: round(median(rates)),
        unit: 'messages/s',
        spread: spreadOf(rates),
        ratios: {},
        counts,
        goal: { bound: 'least', value: name === 'direct' ? 60_000 : 20_000 },
        limit,
      },
      costOf(`e2e.${name}-cost`, cost),
    ];
  } finally {
    await people.end();
  }
}

function costOf(name: string, cost: Measured['cost']): Result {
  if (cost === undefined)
    return skipped(name, 'µs', counted, 'this system does not tell CPU times of threads');
  const parts = Object.fromEntries(Object.entries(cost).map(([process, value]) => [process, round(value)]));
  const value = round(Object.values(cost).reduce((sum, part) => sum + part, 0));
  return { case: name, value, unit: 'µs', spread: null, ratios: {}, counts: counted, parts };
}

/** c-toxcore in the same run, where it is installed. */
function besideToxcore(direct: Result, rates: readonly number[] | string): Result {
  if (typeof rates === 'string' || direct.value === null) return direct;
  return { ...direct, ratios: { ...direct.ratios, toxcore: round(direct.value / median(rates)) } };
}

async function run(budget: Budget): Promise<readonly Result[]> {
  const [near, nearCost] = await figures('direct', startNeighbours, budget);
  const beside = besideToxcore(near, await toxcoreRates(budget));
  const missing = namespacesMissing();
  const far =
    missing === undefined
      ? await figures('messages', startApart, budget)
      : [
          skipped('e2e.messages', 'messages/s', `${both} ${relayed}`, missing),
          skipped('e2e.messages-cost', 'µs', counted, missing),
        ];
  return [...far, beside, nearCost];
}

export const endToEnd: Case = {
  names: ['e2e.messages', 'e2e.messages-cost', 'e2e.direct', 'e2e.direct-cost'],
  run,
};
