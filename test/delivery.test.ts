import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  alicesAddress,
  befriend,
  befriended,
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

const numbered = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `message ${from + at}`);

test('with no relay but themselves, Alice and Bob talk directly', async () => {
  const both = { roles: 'user,relay' };
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, both),
    startPerson(world, bobsAddress, both),
  ]);
  await befriend(alice, bob);
  const toBob = bob.listen(0);
  const toAlice = alice.listen(0);
  for (const text of numbered(0, 5))
    await alice.one('send', bobsAddress, text, '--wait', 'delivered', '--timeout', '120');
  expect(await messages(toBob, 5)).toEqual(numbered(0, 5));
  await bob.one('send', alicesAddress, 'and back', '--wait', 'delivered', '--timeout', '120');
  expect(await messages(toAlice, 1)).toEqual(['and back']);
});

test('Alice with the WebAssembly kernel and Bob without it understand each other, in frames of every class', async () => {
  const both = { roles: 'user,relay' };
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, { ...both, env: { MYCELIUM_KERNEL: 'on' } }),
    startPerson(world, bobsAddress, { ...both, env: { MYCELIUM_KERNEL: 'off' } }),
  ]);
  await befriend(alice, bob);
  const texts = ['short', 'm'.repeat(200), 'l'.repeat(1_000), 'in parts '.repeat(500)];
  const toBob = bob.listen(0);
  const toAlice = alice.listen(0);
  for (const text of texts) {
    await alice.one('send', bobsAddress, text);
    await bob.one('send', alicesAddress, text);
  }
  expect(await messages(toBob, texts.length)).toEqual(texts);
  expect(await messages(toAlice, texts.length)).toEqual(texts);
});

test('Bob is offline: mail waits at the relay, stored and then delivered are true when they are said', async () => {
  const { alice, bob } = await befriended(world);
  const toAlice = alice.listen(0);
  await bob.stop();
  const ids: unknown[] = [];
  for (const text of numbered(0, 25)) {
    ids.push((await alice.one('send', bobsAddress, text, '--wait', 'stored', '--timeout', '120'))['id']);
  }
  // Stored, and nobody claims more while Bob is away.
  expect(toAlice.lines.filter((line) => line['state'] === 'delivered')).toEqual([]);
  const waiting = await alice.do('history', bobsAddress);
  expect(waiting.map((line) => line['state'])).toEqual(ids.map(() => 'stored'));

  // Alice leaves before Bob returns: the relay alone has it.
  await alice.stop();
  await bob.start();
  const toBob = bob.listen(0);
  expect(await messages(toBob, 25)).toEqual(numbered(0, 25));
  await alice.start();
  const again = alice.listen(0);
  for (const id of ids) await receipt(again, id, 'delivered');
  const history = await bob.do('history', alicesAddress);
  expect(history.map((line) => line['text'])).toEqual(numbered(0, 25));
  expect(history.map((line) => line['from'])).toEqual(numbered(0, 25).map(() => alicesAddress));
});

test('a long text and every script arrive as they were written', async () => {
  const { alice, bob } = await befriended(world);
  const toBob = bob.listen(0);
  const long = 'Größe, größer, 最大 🌱 '.repeat(400);
  const sent = [
    long,
    'a'.repeat(56),
    'b'.repeat(57),
    'line one\nline two',
    '   ',
    '__proto__',
    '\u200F\u0627\u0644',
  ];
  for (const text of sent) await alice.one('send', bobsAddress, text);
  expect(await messages(toBob, sent.length)).toEqual(sent);
});

test('listen resumes from where it was, and repeats nothing', async () => {
  const { alice, bob } = await befriended(world);
  const first = bob.listen(0);
  await alice.one('send', bobsAddress, 'one');
  await messages(first, 1);
  const last = Math.max(...first.lines.map((line) => Number(line['eventId'])));
  await first.stop();
  await alice.one('send', bobsAddress, 'two', '--wait', 'delivered', '--timeout', '120');
  const second = bob.listen(last);
  expect(await messages(second, 1)).toEqual(['two']);
  expect(received(second.lines).every((line) => Number(line['eventId']) > last)).toBe(true);
});
