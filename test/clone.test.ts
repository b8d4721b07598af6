import { cpSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestNode } from './harness/node.ts';
import {
  accepted,
  alicesAddress,
  befriend,
  befriended,
  bobsAddress,
  messages,
  receipt,
  startPerson,
  startRelay,
} from './harness/people.ts';
import { World } from './harness/program.ts';

const carolsAddress = 'carol@example.net';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

test("a copy of Alice's folder from before sends again: the clone is reported, nothing is shown twice, the text arrives", async () => {
  const { alice, bob } = await befriended(world);
  const toBob = bob.listen(0);
  await alice.one('send', bobsAddress, 'before the copy', '--wait', 'delivered', '--timeout', '120');
  await alice.stop();
  cpSync(alice.data, `${alice.data}.copy`, { recursive: true });

  await alice.start();
  for (const text of ['after one', 'after two', 'after three']) {
    await alice.one('send', bobsAddress, text, '--wait', 'delivered', '--timeout', '120');
  }
  await alice.stop();

  rmSync(alice.data, { recursive: true });
  cpSync(`${alice.data}.copy`, alice.data, { recursive: true });
  await alice.start();
  const restored = alice.listen(0);
  const said = await alice.one('send', bobsAddress, 'from the restored copy');
  const report = await restored.until('the clone to be reported', (lines) =>
    lines.find((line) => line['event'] === 'security' && line['kind'] === 'clone'),
  );
  expect(String(report['text'])).toMatch(/copy/);
  await receipt(restored, said['id'], 'delivered');
  const texts = ['before the copy', 'after one', 'after two', 'after three', 'from the restored copy'];
  expect(await messages(toBob, texts.length)).toEqual(texts);
  await bob.one('send', alicesAddress, 'I can still reach you', '--wait', 'delivered', '--timeout', '120');
  expect(await messages(restored, 1)).toContain('I can still reach you');
});

test('a copy that wrote as much offline as Alice has since is reported all the same, and all texts arrive', async () => {
  const { relay, alice, bob } = await befriended(world);
  await alice.one('send', bobsAddress, 'before the copy', '--wait', 'delivered', '--timeout', '120');
  await alice.stop();
  cpSync(alice.data, `${alice.data}.copy`, { recursive: true });
  await alice.start();
  await alice.one('send', bobsAddress, 'from the first self', '--wait', 'delivered', '--timeout', '120');
  await alice.stop();
  await bob.stop();
  await relay.stop();

  rmSync(alice.data, { recursive: true });
  cpSync(`${alice.data}.copy`, alice.data, { recursive: true });
  await alice.start();
  const { id } = await alice.one('send', bobsAddress, 'from the restored copy');
  await alice.kill();
  relay.options = { ...relay.options, listen: [relay.address.slice(relay.address.indexOf('@') + 1)] };
  await relay.start();
  await bob.start();
  const toBob = bob.listen(0);
  await alice.start();
  const restored = alice.listen(0);
  await restored.until('the clone to be reported', (lines) =>
    lines.find((line) => line['event'] === 'security' && line['kind'] === 'clone'),
  );
  await receipt(restored, id, 'delivered');
  const texts = ['before the copy', 'from the first self', 'from the restored copy'];
  expect(await messages(toBob, texts.length)).toEqual(texts);
});

test('Carol loses her machine, recovers from her words on a new one, and Bob keeps talking to the same Carol', async () => {
  const relay = await startRelay(world);
  const shared = { relays: [relay.address], bootstrap: [relay.address] };
  const bob = await startPerson(world, bobsAddress, shared);
  const lost = new TestNode(world, 'lost', shared);
  const made = await lost.init(carolsAddress);
  await lost.start();
  await befriend(bob, lost, { inviter: bobsAddress, guest: carolsAddress });
  const before = await bob.one('contact', 'show', carolsAddress);
  await lost.stop();
  rmSync(lost.data, { recursive: true });

  const found = new TestNode(world, 'found', { ...shared, input: `${String(made['phrase'])}\n` });
  const again = await found.one('init', carolsAddress, '--recover', '--bootstrap', relay.address);
  expect(again['fingerprint']).toBe(made['fingerprint']);
  await found.start();
  const toBob = bob.listen(0);
  await found.one('contact', 'add', bobsAddress);
  await accepted(found, bobsAddress);
  await found.one('send', bobsAddress, 'my new machine', '--wait', 'delivered', '--timeout', '120');
  expect(await messages(toBob, 1)).toEqual(['my new machine']);
  const after = await bob.one('contact', 'show', carolsAddress);
  expect(after).toMatchObject({ state: 'accepted', safetyNumber: before['safetyNumber'] });
});

test('words with a typing mistake are refused, naming the word', async () => {
  const node = new TestNode(world, 'typo', {
    input: 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abuot\n',
  });
  const ran = await node.try('init', carolsAddress, '--recover');
  expect(ran.code).not.toBe(0);
  expect(`${ran.stdout}${ran.stderr}`).toMatch(/12/);
});
