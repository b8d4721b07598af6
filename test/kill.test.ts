/**
 * kill -9 of sender, relay and receiver in turn, under load: nothing acknowledged is lost, nothing is shown twice, and
 * no message was ever called more than it was. `MYCELIUM_KILL_ROUNDS` sets the rounds.
 */
import { ApiClosedError } from '@mycelium/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect, type Connection } from '../apps/mycelium/src/connection.ts';
import type { TestNode } from './harness/node.ts';
import { alicesAddress, befriended, bobsAddress } from './harness/people.ts';
import { World } from './harness/program.ts';

const rounds = Number(process.env['MYCELIUM_KILL_ROUNDS'] ?? '200');
const perRound = 8;

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

/** Says `perRound` texts at once; answers those that were acknowledged. */
async function load(sender: TestNode, round: number, underWay: () => void): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  const connection = await connect(sender.data);
  if (connection === undefined) throw new Error('the sender is down');
  const sending = Array.from({ length: perRound }, async (_, at) => {
    const text = `round ${round} message ${at}`;
    try {
      await connection.call('messages.send', { to: bobsAddress, text });
      acknowledged.push(text);
    } catch (error) {
      // The sender was the victim: what it did not acknowledge it may or may not have kept.
      if (!(error instanceof ApiClosedError)) throw error;
    }
  });
  await sending[round % perRound]; // somewhere in the middle of it
  underWay();
  await Promise.all(sending);
  connection.close();
  return acknowledged;
}

async function open(node: TestNode): Promise<Connection> {
  const connection = await connect(node.data);
  if (connection === undefined) throw new Error(`${node.name} is down`);
  return connection;
}

test(
  `${rounds} rounds of kill -9 lose nothing that was acknowledged and repeat nothing`,
  { timeout: 240_000 + rounds * 15_000 },
  async () => {
    const { alice, bob, relay } = await befriended(world);
    // Who comes back has to be found where it was.
    for (const node of [alice, bob, relay]) {
      node.options = { ...node.options, listen: [node.address.slice(node.address.indexOf('@') + 1)] };
    }
    const victims = [alice, relay, bob];
    const acknowledged: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const victim = victims[round % victims.length] ?? alice;
      const { promise: begun, resolve } = Promise.withResolvers<undefined>();
      const loading = load(alice, round, () => resolve(undefined));
      await begun;
      await victim.kill();
      acknowledged.push(...(await loading));
      await victim.start();
    }
    const last = 'the last one';
    const her = await open(alice);
    await her.call('messages.send', { to: bobsAddress, text: last });
    her.close();
    const toBob = bob.listen(0);
    await toBob.until('the last message', (lines) =>
      lines.find((line) => line['event'] === 'message' && line['text'] === last),
    );
    const shown = toBob.lines
      .filter((line) => line['event'] === 'message')
      .map((line) => String(line['text']));
    expect(acknowledged.length).toBeGreaterThan((rounds * perRound) / 2);
    expect(new Set(shown).size).toBe(shown.length);
    const inShown = new Set(shown);
    expect(acknowledged.filter((text) => !inShown.has(text))).toEqual([]);
    expect(toBob.lines.filter((line) => line['event'] === 'gap' || line['event'] === 'security')).toEqual([]);
    const kept = (await bob.do('history', alicesAddress, '--limit', '1000')).map((line) =>
      String(line['text']),
    );
    expect(kept).toEqual(shown.slice(-kept.length));
  },
);
