import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  accepted,
  alicesAddress,
  bobsAddress,
  messages,
  receipt,
  startPerson,
  startRelay,
} from './harness/people.ts';
import { TestNode } from './harness/node.ts';
import { World, type Json, type Ran } from './harness/program.ts';

// Some twenty commands, each a process: a slow machine needs seconds for each.
vi.setConfig({ testTimeout: 420_000, hookTimeout: 60_000 });

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

function errorOf(ran: Ran): Json {
  const last = ran.stdout.trim().split('\n').at(-1) ?? '';
  return (JSON.parse(last) as { readonly error: Json }).error;
}

/** The directory takes a moment to have what was just published. */
async function checkUntilContested(alice: TestNode): Promise<Json> {
  for (;;) {
    const contact = await alice.one('contact', 'check', bobsAddress);
    if (contact['trust'] === 'contested') return contact;
  }
}

test('two accounts claim one address: sending stops with the choices, what waited is held, and goes on once one is chosen', async () => {
  const relay = await startRelay(world);
  const shared = { bootstrap: [relay.address], relays: [relay.address] };
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, shared),
    startPerson(world, bobsAddress, shared),
  ]);
  const toBob = bob.listen(0);
  await alice.one('contact', 'add', bobsAddress);
  await toBob.until('a request', (lines) => lines.find((line) => line['event'] === 'request'));
  await bob.one('contact', 'accept', alicesAddress);
  await accepted(alice, bobsAddress);
  await alice.one('send', bobsAddress, 'before', '--wait', 'delivered');
  await toBob.stop();
  await bob.stop();
  const waiting = await alice.one('send', bobsAddress, 'waiting', '--wait', 'stored');

  // Somebody else takes Bob's name.
  const other = new TestNode(world, 'other', shared);
  const { fingerprint: otherFingerprint } = await other.init(bobsAddress);
  await other.start();
  const contested = await checkUntilContested(alice);
  expect(contested).toMatchObject({
    held: 1,
    rivals: [{ fingerprint: otherFingerprint, seenIn: 'directory' }],
  });

  const refused = await alice.try('send', bobsAddress, 'to whom?');
  expect(refused.code).toBe(1);
  expect(errorOf(refused)).toMatchObject({ code: 'contested' });
  expect(String(errorOf(refused)['message'])).toContain('contact trust');
  const shown = await alice.tell('contact', 'show', bobsAddress);
  expect(shown.stdout).toContain(`--fingerprint "${String(otherFingerprint)}"`);
  expect((await alice.tell('status')).stdout).toContain(`in doubt      ${bobsAddress}`);
  const history = await alice.do('history', bobsAddress);
  expect(history.map(({ text, state }) => [text, state])).toEqual([
    ['before', 'delivered'],
    ['waiting', 'held'],
  ]);

  // Bob is back and gets nothing, until Alice has chosen him.
  await bob.start();
  const back = bob.listen(0);
  const toAlice = alice.listen(0);
  await bob.one('send', alicesAddress, 'it is me');
  await messages(toAlice, 1);
  const kept = await alice.one(
    'contact',
    'trust',
    bobsAddress,
    '--fingerprint',
    String(contested['fingerprint']),
  );
  expect(kept).toMatchObject({ trust: 'pinned', held: 0, rivals: [{ turnedDown: true }] });
  await receipt(toAlice, waiting['id'], 'delivered');
  await alice.one('send', bobsAddress, 'so it is', '--wait', 'delivered');
  expect(await messages(back, 3)).toEqual(['before', 'waiting', 'so it is']);
});
