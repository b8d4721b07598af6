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
import { toxcoreRates } from '../rivals/toxcore.ts';
import { median, round, spreadOf } from '../statistics.ts';

/** Calls of messages.send that wait for their answer at one time. */
const inFlight = 512;

const both =
  `Texts from Alice's API (one connection, ${inFlight} calls under way) to Bob's \`mycelium listen --json\`, from the ` +
  'first call until the last text is printed: encrypted, stored by both daemons before it goes on, receipts on.';
const direct = 'The daemons are connected to each other on one machine; the relay gets a copy too.';
const relayed = 'The daemons are in two network namespaces that only meet through a third with the relay.';

/** Both rows are bound by the same thing; figures of `node --cpu-prof` and of /proc/PID/stat, 6,000 to 10,000 texts, on a busy machine. */
const limit =
  'A text costs some 265 µs of CPU in five processes on the two cores (profiles of 6,000 to 10,000 texts on a busy machine, rounded): ' +
  '140 in the daemon that sends, 85 in the one that receives, 20 in the relay, 20 in `listen` and the benchmark itself; so about ' +
  '7,500 a second are what there is, and the sender’s one thread ends near 7,000. Of its time a fifth goes into SQLite (five rows a text stay: the message, its id, its ' +
  'place, two events; 4 µs of page encryption and B-tree each), a sixth waits for the log’s fsync, a tenth reads rows ' +
  'again for acknowledgements and receipts, a tenth collects garbage, a tenth encodes rows, an eighth is JSON, sockets and links, a ' +
  'twentieth sealing. Not waiting for the disk, or fewer rows for each event, would be the next step; the ' +
  'figure that the goal for two daemons comes from (row toxcore) has nothing stored and no receipts.';

async function rate({ alice, bob }: People, budget: Budget): Promise<readonly number[]> {
  const [rounds, texts] = budget.quick ? [2, 500] : [5, 5_000];
  const listening = bob.listen();
  const caller = await callerOf(alice);
  await firstHeard(caller, listening);
  const rates: number[] = [];
  for (let at = -1; at < rounds; at += 1) {
    let text = 0;
    const lane = async (): Promise<void> => {
      while (text < texts) await caller.call('messages.send', { to: bobAddress, text: `${at}/${text++}` });
    };
    const started = performance.now();
    const last = untilHeard(listening, `${at}/${texts - 1}`);
    await Promise.all(Array.from({ length: inFlight }, lane));
    const seconds = ((await last) - started) / 1000;
    if (at >= 0) rates.push(texts / seconds); // the first round warms up
  }
  caller.close();
  return rates;
}

async function figure(name: string, start: () => Promise<People>, budget: Budget): Promise<Result> {
  const people = await start();
  try {
    await introduce(people);
    const rates = await rate(people, budget);
    const isDirect = name === 'e2e.direct';
    return {
      case: name,
      value: round(median(rates)),
      unit: 'messages/s',
      spread: spreadOf(rates),
      ratios: {},
      counts: `${both} ${isDirect ? direct : relayed}`,
      goal: { bound: 'least', value: isDirect ? 60_000 : 20_000 },
      limit,
    };
  } finally {
    await people.end();
  }
}

/** c-toxcore in the same run, where it is installed. */
function besideToxcore(direct: Result, rates: readonly number[] | string): Result {
  if (typeof rates === 'string' || direct.value === null) return direct;
  return { ...direct, ratios: { ...direct.ratios, toxcore: round(direct.value / median(rates)) } };
}

async function run(budget: Budget): Promise<readonly Result[]> {
  const near = besideToxcore(await figure('e2e.direct', startNeighbours, budget), await toxcoreRates(budget));
  const missing = namespacesMissing();
  if (missing !== undefined) {
    return [skipped('e2e.messages', 'messages/s', `${both} ${relayed}`, missing), near];
  }
  return [await figure('e2e.messages', startApart, budget), near];
}

export const endToEnd: Case = { names: ['e2e.messages', 'e2e.direct'], run };
