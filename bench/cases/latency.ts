/** From `send` to `listen` in another process, one text at a time, beside a raw TCP echo in the same run. */
import { namespacesMissing } from '../../test/harness/namespaces.ts';
import { type Budget, type Case, type Result, skipped } from '../case.ts';
import { type Echo, startEcho } from '../processes/echo.ts';
import {
  callerOf,
  firstHeard,
  introduce,
  type People,
  sendAndHear,
  startApart,
  startNeighbours,
} from '../processes/people.ts';
import { median, quantile, round, spreadOf } from '../statistics.ts';

const both =
  'Milliseconds from the call of messages.send (one connection, kept open) until `mycelium listen --json`, a process ' +
  'of its own, has printed the text: stored by both daemons, encrypted, receipts on. Beside it, echo: 128 bytes over ' +
  'plain TCP on loopback to another process and back.';

interface Measured {
  readonly texts: readonly number[];
  readonly rounds: readonly number[];
  readonly echoes: readonly number[];
}

/** Rounds of texts and of echoes in turn; the first is not counted. */
async function measure({ alice, bob }: People, echo: Echo, budget: Budget): Promise<Measured> {
  const [rounds, textsPerRound] = budget.quick ? [4, 20] : [8, 60];
  const listening = bob.listen();
  const caller = await callerOf(alice);
  await firstHeard(caller, listening);
  const texts: number[] = [];
  const medians: number[] = [];
  const echoes: number[] = [];
  for (let at = -1; at < rounds; at += 1) {
    const times: number[] = [];
    for (let text = 0; text < textsPerRound; text += 1) {
      times.push(await sendAndHear(caller, listening, `text ${text} of round ${at}`));
      const took = await echo.roundTrip();
      if (at >= 0) echoes.push(took);
    }
    if (at < 0) continue;
    texts.push(...times);
    medians.push(median(times));
  }
  caller.close();
  return { texts, rounds: medians, echoes };
}

async function latency(
  name: string,
  goalMs: number,
  start: () => Promise<People>,
  budget: Budget,
): Promise<Result> {
  const echo = await startEcho();
  const people = await start();
  try {
    await introduce(people);
    const { texts, rounds, echoes } = await measure(people, echo, budget);
    const [p50, raw] = [median(texts), median(echoes)];
    return {
      case: name,
      value: round(p50),
      unit: 'ms at p50',
      spread: spreadOf(rounds),
      ratios: { echo: round(p50 / raw) },
      quantiles: {
        p50: round(p50),
        p95: round(quantile(texts, 0.95)),
        p99: round(quantile(texts, 0.99)),
        'echo p50': round(raw),
      },
      counts: name === 'latency.direct' ? `${both} ${direct}` : `${both} ${relayed}`,
      goal: { bound: 'most', value: goalMs },
    };
  } finally {
    await people.end();
    echo.close();
  }
}

const direct = 'Both daemons on one machine, connected to each other; the relay gets a copy too.';
const relayed =
  'The daemons are in two network namespaces that only meet through a third with the relay: append, fsync there, push.';

async function run(budget: Budget): Promise<readonly Result[]> {
  const near = await latency('latency.direct', 10, startNeighbours, budget);
  const missing = namespacesMissing();
  if (missing !== undefined) {
    return [near, skipped('latency.relay', 'ms at p50', `${both} ${relayed}`, missing)];
  }
  return [near, await latency('latency.relay', 25, startApart, budget)];
}

export const latencies: Case = { names: ['latency.direct', 'latency.relay'], run };
