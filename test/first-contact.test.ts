import { afterEach, beforeEach, expect, test } from 'vitest';
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

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

test('Alice finds Bob by his address through the directory alone, and he answers', async () => {
  const relay = await startRelay(world);
  const shared = { bootstrap: [relay.address], relays: [relay.address] };
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, shared),
    startPerson(world, bobsAddress, shared),
  ]);
  const toBob = bob.listen(0);
  const toAlice = alice.listen(0);

  const added = await alice.one('contact', 'add', bobsAddress);
  expect(added).toMatchObject({ address: bobsAddress, trust: 'pinned', state: 'pending' });
  const request = await toBob.until('a request', (lines) =>
    lines.find((line) => line['event'] === 'request'),
  );
  expect(request).toMatchObject({ from: alicesAddress });
  expect(await bob.one('contact', 'show', alicesAddress)).toMatchObject({ state: 'request' });
  await bob.one('contact', 'accept', alicesAddress);
  await accepted(alice, bobsAddress);

  const sent = await alice.one('send', bobsAddress, 'Hello Bob');
  expect(await messages(toBob, 1)).toEqual(['Hello Bob']);
  await receipt(toAlice, sent['id'], 'delivered');
  await bob.one('send', alicesAddress, 'Hello Alice');
  expect(await messages(toAlice, 1)).toEqual(['Hello Alice']);

  const [hers, his] = [
    await alice.one('contact', 'show', bobsAddress),
    await bob.one('contact', 'show', alicesAddress),
  ];
  expect(hers['safetyNumber']).toBe(his['safetyNumber']);
  expect(String(hers['safetyNumber']).replaceAll(' ', '')).toMatch(/^\d{60}$/);
  expect(
    await alice.one('contact', 'verify', bobsAddress, '--number', String(his['safetyNumber'])),
  ).toMatchObject({ trust: 'verified' });
});

test('until Bob accepts, Alice hears nothing from him: not even a receipt', async () => {
  const relay = await startRelay(world);
  const shared = { bootstrap: [relay.address], relays: [relay.address] };
  const alice = await startPerson(world, alicesAddress, shared);
  const bob = await startPerson(world, bobsAddress, shared);
  const toAlice = alice.listen(0);
  const toBob = bob.listen(0);
  await alice.one('contact', 'add', bobsAddress);
  await toBob.until('a request', (lines) => lines.find((line) => line['event'] === 'request'));
  const early = await alice.one('send', bobsAddress, 'Are you there?');
  await receipt(toAlice, early['id'], 'stored');
  // Bob's node has had his request for as long as a stored receipt takes; what he was sent is not shown either.
  expect(
    toAlice.lines.filter(
      (line) =>
        line['state'] === 'delivered' || (line['event'] === 'contact' && line['state'] === 'accepted'),
    ),
  ).toEqual([]);
  expect(toBob.lines.filter((line) => line['event'] === 'message')).toEqual([]);
  await bob.one('contact', 'accept', alicesAddress);
  expect(await messages(toBob, 1)).toEqual(['Are you there?']);
  await receipt(toAlice, early['id'], 'delivered');
});

test('an invite link needs no directory, and is taken once', async () => {
  const { relay, alice, bob } = await befriended(world);
  const toBob = bob.listen(0);
  await alice.one('send', bobsAddress, 'By invitation');
  expect(await messages(toBob, 1)).toEqual(['By invitation']);

  const invite = await alice.one('invite', '--uses', '1', '--label', 'the book club');
  const carol = await startPerson(world, 'carol@example.net', { relays: [relay.address] });
  await carol.one('accept', String(invite['link']));
  await accepted(carol, alicesAddress);
  const dave = await startPerson(world, 'dave@example.net', { relays: [relay.address] });
  await dave.try('accept', String(invite['link']));
  const toAlice = alice.listen(0);
  // A used-up link is no link: Dave is a stranger who asks.
  await toAlice.until('a request by Dave', (lines) =>
    lines.find((line) => line['event'] === 'request' && line['from'] === 'dave@example.net'),
  );
  expect(await alice.one('contact', 'show', 'carol@example.net')).toMatchObject({ state: 'accepted' });
});

test('an address that nobody has published is not found, in a sentence', async () => {
  const relay = await startRelay(world);
  const alice = await startPerson(world, alicesAddress, {
    bootstrap: [relay.address],
    relays: [relay.address],
  });
  const ran = await alice.try('contact', 'add', 'nobody@example.com');
  expect(ran.code).toBe(1);
  expect(`${ran.stdout}${ran.stderr}`).toMatch(/Nobody is found under this address/);
});

test('a contact that is blocked can neither write nor ask again', async () => {
  const { alice, bob } = await befriended(world);
  const toBob = bob.listen(0);
  await bob.one('contact', 'block', alicesAddress);
  const sent = await alice.one('send', bobsAddress, 'Can you hear me?');
  const toAlice = alice.listen(0);
  await receipt(toAlice, sent['id'], 'stored');
  expect(toBob.lines.filter((line) => line['event'] === 'message')).toEqual([]);
  expect(await bob.one('contact', 'show', alicesAddress)).toMatchObject({ state: 'blocked' });
});

test('a contact that is removed and added again, then blocked and accepted again, is reached each time', async () => {
  const relay = await startRelay(world);
  const shared = { bootstrap: [relay.address], relays: [relay.address] };
  const alice = await startPerson(world, alicesAddress, shared);
  const bob = await startPerson(world, bobsAddress, shared);
  await befriend(alice, bob);
  const toAlice = alice.listen(0);
  const toBob = bob.listen(0);
  const bothWays = async (count: number): Promise<void> => {
    const hers = await alice.one('send', bobsAddress, `Alice ${count}`);
    await receipt(toAlice, hers['id'], 'delivered');
    const his = await bob.one('send', alicesAddress, `Bob ${count}`);
    await receipt(toBob, his['id'], 'delivered');
  };
  await bothWays(1);

  await alice.one('contact', 'remove', bobsAddress);
  expect(await alice.one('contact', 'add', bobsAddress)).toMatchObject({ state: 'pending' });
  await toAlice.until('Bob to be accepted a second time', (lines) =>
    lines.filter((line) => line['event'] === 'contact' && line['state'] === 'accepted').length === 2
      ? true
      : undefined,
  );
  await bothWays(2);

  await alice.one('contact', 'block', bobsAddress);
  const missed = await bob.one('send', alicesAddress, 'Have I done something?');
  await receipt(toBob, missed['id'], 'stored');
  await alice.one('contact', 'accept', bobsAddress);
  await receipt(toBob, missed['id'], 'delivered');
  await bothWays(3);
  expect(await messages(toAlice, 4)).toEqual(['Bob 1', 'Bob 2', 'Have I done something?', 'Bob 3']);
  expect(await messages(toBob, 3)).toEqual(['Alice 1', 'Alice 2', 'Alice 3']);
});
