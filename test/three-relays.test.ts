/**
 * Three relays, each a process: one is killed and another one loses its disk while Bob is away; then each in turn dies in the
 * middle of a conversation. Nothing is lost, nothing comes twice, and nobody notices.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestNode } from './harness/node.ts';
import {
  alicesAddress,
  befriend,
  bobsAddress,
  messages,
  receipt,
  received,
  startPerson,
} from './harness/people.ts';
import { World } from './harness/program.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

/** It comes back where it was. */
function stay(node: TestNode): void {
  node.options = { ...node.options, listen: [node.address.slice(node.address.indexOf('@') + 1)] };
}

interface Listed {
  readonly address: string;
  readonly use: string;
  readonly state: string;
}

async function relaysOf(node: TestNode): Promise<readonly Listed[]> {
  return (await node.do('relay', 'list')) as unknown as readonly Listed[];
}

test('one of three relays is killed, another one loses its disk, and every message arrives once', async () => {
  const relays = await Promise.all(
    ['first', 'second', 'third'].map((name) => new TestNode(world, name, { roles: 'relay' }).start()),
  );
  const [first, second, third] = relays;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three relays');
  for (const relay of relays) stay(relay);
  const shared = { relays: relays.map(({ address }) => address) };
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, shared),
    startPerson(world, bobsAddress, shared),
  ]);
  await befriend(alice, bob);
  expect((await relaysOf(alice)).filter(({ use }) => use === 'account')).toHaveLength(3);
  await alice.one('send', bobsAddress, 'before', '--wait', 'delivered', '--timeout', '120');
  await bob.stop();

  const send = async (text: string): Promise<unknown> =>
    (await alice.one('send', bobsAddress, text, '--wait', 'stored', '--timeout', '120'))['id'];
  const ids = [await send('one'), await send('two')];
  await first.kill();
  // Two of three have it: that is "stored", and nobody waits for the third.
  ids.push(await send('three'), await send('four'));
  await second.kill();
  rmSync(path.join(second.data, 'relay'), { recursive: true });
  await second.start();
  ids.push(await send('five'));

  // Only what the second one was given again is left now, and Alice is gone too.
  await alice.stop();
  await third.kill();
  await bob.start();
  const toBob = bob.listen(0);
  const texts = ['before', 'one', 'two', 'three', 'four', 'five'];
  expect(await messages(toBob, texts.length)).toEqual(texts);

  await Promise.all([alice.start(), third.start(), first.start()]);
  const toAlice = alice.listen(0);
  for (const id of ids) await receipt(toAlice, id, 'delivered');
  const shown = received(toBob.lines).map((line) => line['text']);
  expect(shown).toEqual(texts);
  const surprises = [...toBob.lines, ...toAlice.lines].filter(
    ({ event }) => event === 'gap' || event === 'security',
  );
  expect(surprises).toEqual([]);
});
