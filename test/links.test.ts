/** Links of an account from the command line: listed, taken back, and the requests that come by them (docs/cli.md). */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TestNode } from './harness/node.ts';
import { accepted, alicesAddress, bobsAddress, startPerson, startRelay } from './harness/people.ts';
import { World } from './harness/program.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const carolsAddress = 'carol@example.net';

async function requestOf(node: TestNode, address: string): Promise<void> {
  const events = node.listen(0);
  await events.until(`the request of ${address}`, (lines) =>
    lines.find((line) => line['event'] === 'request' && line['from'] === address),
  );
  await events.stop();
}

test('a link brings Bob; taken back it brings Carol as a request, who is ignored, and gets no answer', async () => {
  const relay = await startRelay(world, 'relay');
  const shared = { relays: [relay.address] };
  const [alice, bob, carol] = await Promise.all([
    startPerson(world, alicesAddress, shared),
    startPerson(world, bobsAddress, shared),
    startPerson(world, carolsAddress, shared),
  ]);
  const { id, link } = await alice.one('invite', '--uses', '5', '--label', 'book club');
  await bob.one('accept', String(link));
  await Promise.all([accepted(alice, bobsAddress), accepted(bob, alicesAddress)]);
  const guests = [{ address: bobsAddress, time: expect.any(Number) as number }];
  expect(await alice.do('invite', 'list')).toMatchObject([
    { id, used: 1, usesLeft: 4, state: 'open', guests },
  ]);
  expect(await alice.one('invite', 'revoke', String(id).slice(0, 4))).toMatchObject({
    id,
    state: 'revoked',
  });
  await carol.one('accept', String(link));
  await requestOf(alice, carolsAddress);
  expect(await alice.one('contact', 'show', carolsAddress)).toMatchObject({
    state: 'request',
    cameBy: { invite: id, label: 'book club', state: 'revoked' },
  });
  await alice.one('contact', 'ignore', carolsAddress);
  expect((await alice.do('contact', 'list')).map(({ address }) => address)).toEqual([bobsAddress]);
  expect(await carol.one('contact', 'show', alicesAddress)).toMatchObject({ state: 'pending' });
  await alice.one('contact', 'unignore', carolsAddress);
  await alice.one('contact', 'accept', carolsAddress);
  await accepted(carol, alicesAddress);
});
