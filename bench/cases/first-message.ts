/** From two programs that do not run to Alice's first text on Bob's screen. */
import type { Budget, Case, Result } from '../case.ts';
import {
  aliceAddress,
  bobAddress,
  callerOf,
  type People,
  startNeighbours,
  untilAccepted,
  untilHeard,
} from '../processes/people.ts';
import { median, quantile, round, spreadOf } from '../statistics.ts';

const until =
  'until `mycelium listen --json --since 0` of Bob has printed it. A relay with directory runs before; accounts exist. ' +
  'Starting of Node, unlocking of stores, links and look-ups are in it; `mycelium init` is not.';

/** Both stopped, then: up, up, listen, send. */
async function known({ alice, bob }: People, text: string): Promise<number> {
  await Promise.all([alice.stop(), bob.stop()]);
  const started = performance.now();
  const listening = bob.start().then(() => bob.listen(0));
  await alice.start();
  const caller = await callerOf(alice);
  await caller.call('messages.send', { to: bobAddress, text });
  const heard = await untilHeard(await listening, text);
  caller.close();
  await (await listening).stop('SIGTERM');
  return heard - started;
}

/** Both stopped and strangers, then: up, up, listen, invite, accept, send. */
async function strangers({ alice, bob }: People, text: string): Promise<number> {
  await Promise.all([alice.stop(), bob.stop()]);
  const started = performance.now();
  await Promise.all([alice.start(), bob.start()]);
  const listening = bob.listen(0);
  const [hers, his] = await Promise.all([callerOf(alice), callerOf(bob)]);
  const { link } = await hers.call('invites.create', {});
  await his.call('invites.accept', { link });
  await untilAccepted(alice, bobAddress);
  await hers.call('messages.send', { to: bobAddress, text });
  const heard = await untilHeard(listening, text);
  hers.close();
  his.close();
  return heard - started;
}

async function run(budget: Budget): Promise<readonly Result[]> {
  const first: number[] = [];
  const again: number[] = [];
  for (let at = 0; at < (budget.quick ? 2 : 5); at += 1) {
    const people = await startNeighbours();
    try {
      first.push(await strangers(people, `first text ${at}`));
      if (at === 0) {
        await people.bob.do('send', aliceAddress, 'Hello Alice', '--wait', 'delivered', '--timeout', '30');
      }
      again.push(await known(people, `first text of the day ${at}`));
    } finally {
      await people.end();
    }
  }
  return [
    figure(
      'first-message',
      first,
      `Two strangers: from spawning both \`mycelium up\`, over an invite link made and accepted through the API, to Alice's first text, ${until}`,
    ),
    figure(
      'first-message.known',
      again,
      `Two contacts: from spawning both \`mycelium up\` to Alice's first text (sent as soon as hers is ready), ${until}`,
    ),
  ];
}

function figure(name: string, times: readonly number[], counts: string): Result {
  return {
    case: name,
    value: round(median(times)),
    unit: 'ms',
    spread: spreadOf(times),
    ratios: {},
    quantiles: { fastest: round(quantile(times, 0)), slowest: round(quantile(times, 1)) },
    counts,
    goal: { bound: 'most', value: 2_000 },
  };
}

export const firstMessage: Case = { names: ['first-message', 'first-message.known'], run };
