import { afterEach, beforeEach, expect, test } from 'vitest';
import { Lab, namespacesMissing } from './harness/namespaces.ts';
import {
  accepted,
  alicesAddress,
  bobsAddress,
  messages,
  receipt,
  startPerson,
  startRelay,
} from './harness/people.ts';
import { World } from './harness/program.ts';

const missing = namespacesMissing();

let world: World;
let lab: Lab | undefined;
beforeEach(() => {
  world = new World();
});
afterEach(async () => {
  await world.end();
  lab?.end();
  lab = undefined;
});

test('Alice and Bob on two networks that meet only at a relay find each other and talk', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  lab = new Lab(world);
  const [hers, his] = [lab.machine('alice'), lab.machine('bob')];
  const relay = await startRelay(world, 'relay,directory', { ...lab.on('hub'), listen: ['0.0.0.0:4410'] });
  const key = relay.address.slice(0, relay.address.indexOf('@'));
  const seenBy = (wire: { readonly hub: string }): string => `${key}@${wire.hub}:4410`;
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, {
      ...lab.on('alice'),
      listen: [`${hers.own}:0`],
      bootstrap: [seenBy(hers)],
      relays: [seenBy(hers)],
    }),
    startPerson(world, bobsAddress, {
      ...lab.on('bob'),
      listen: [`${his.own}:0`],
      bootstrap: [seenBy(his)],
      relays: [seenBy(his)],
    }),
  ]);
  const toBob = bob.listen(0);
  const toAlice = alice.listen(0);
  await alice.one('contact', 'add', bobsAddress, '--message', 'from another network');
  const request = await toBob.until('a request', (lines) =>
    lines.find((line) => line['event'] === 'request'),
  );
  expect(request).toMatchObject({ from: alicesAddress, text: 'from another network' });
  await bob.one('contact', 'accept', alicesAddress);
  await accepted(alice, bobsAddress);
  const sent = await alice.one('send', bobsAddress, 'through the hub');
  expect(await messages(toBob, 1)).toEqual(['through the hub']);
  await receipt(toAlice, sent['id'], 'delivered');

  // Bob's wire is cut; what is sent meanwhile waits at the relay and arrives once, in order, when it is back.
  lab.wire('bob', 'down');
  for (const text of ['one', 'two', 'three']) {
    await alice.one('send', bobsAddress, text, '--wait', 'stored', '--timeout', '120');
  }
  lab.wire('bob', 'up');
  expect(await messages(toBob, 4)).toEqual(['through the hub', 'one', 'two', 'three']);
  await bob.one('send', alicesAddress, 'and back', '--wait', 'delivered', '--timeout', '120');
  expect(await messages(toAlice, 1)).toEqual(['and back']);
});
