/**
 * kill -9 of sender, relay and receiver in turn under load: nothing acknowledged is lost, nothing is shown twice.
 * `MYCELIUM_KILL_ROUNDS` sets the rounds: `npm test` runs some, `npm run campaign:kill` the 200 of the promise.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { alicesAddress, befriended, bobsAddress, messages } from './harness/people.ts';
import { World } from './harness/program.ts';

const rounds = Number(process.env['MYCELIUM_KILL_ROUNDS'] ?? '12');

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

test(
  `${rounds} rounds of kill -9 lose nothing that was acknowledged and repeat nothing`,
  async () => {
    const people = await befriended(world);
    const { alice, bob, relay } = people;
    // A relay that comes back has to be found where it was.
    relay.options = { ...relay.options, listen: [relay.address.slice(relay.address.indexOf('@') + 1)] };
    const victims = [alice, relay, bob];
    const acknowledged: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const victim = victims[round % victims.length] ?? alice;
      const load = Array.from({ length: 6 }, async (_, at) => {
        const text = `round ${round} message ${at}`;
        const ran = await alice.try('send', bobsAddress, text);
        if (ran.code === 0) acknowledged.push(text);
      });
      await load[round % load.length]; // somewhere in the middle of it
      await victim.kill();
      await Promise.all(load);
      await victim.start();
    }
    const last = 'the last one';
    await alice.one('send', bobsAddress, last);
    const toBob = bob.listen(0);
    await toBob.until(
      'the last message',
      (lines) => lines.find((line) => line['event'] === 'message' && line['text'] === last),
      90_000,
    );
    const shown = await messages(toBob, 1);
    expect(new Set(shown).size).toBe(shown.length);
    expect(acknowledged.filter((text) => !shown.includes(text))).toEqual([]);
    const history = (await bob.do('history', alicesAddress, '--limit', '100000')).map((line) => line['text']);
    expect(new Set(history).size).toBe(history.length);
    expect(toBob.lines.filter((line) => line['event'] === 'gap' || line['event'] === 'security')).toEqual([]);
  },
  120_000 + rounds * 15_000,
);
