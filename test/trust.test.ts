// Alice and Bob make sure of each other, and Carol is vouched for, through the command line of real nodes.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TestNode } from './harness/node.ts';
import { alicesAddress, befriend, bobsAddress, startPerson, startRelay } from './harness/people.ts';
import { World, type Json } from './harness/program.ts';

const carolsAddress = 'carol@example.net';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

async function people(): Promise<{ alice: TestNode; bob: TestNode; carol: TestNode }> {
  const relay = await startRelay(world, 'relay');
  const shared = { relays: [relay.address] };
  const alice = await startPerson(world, alicesAddress, shared);
  const bob = await startPerson(world, bobsAddress, shared);
  const carol = await startPerson(world, carolsAddress, shared);
  await befriend(alice, bob);
  await befriend(alice, carol, { inviter: alicesAddress, guest: carolsAddress });
  await befriend(bob, carol, { inviter: bobsAddress, guest: carolsAddress });
  return { alice, bob, carol };
}

const verification = (node: TestNode, address: string): Promise<Json> =>
  node.one('contact', 'verify', address);
const trust = async (node: TestNode, address: string): Promise<unknown> =>
  (await node.one('contact', 'show', address))['trust'];

test('Alice verifies Bob by number, words and QR code; he vouches for Carol, and takes it back', async () => {
  const { alice, bob, carol } = await people();
  const hers = await verification(alice, bobsAddress);
  const his = await verification(bob, alicesAddress);
  expect([hers['safetyNumber'], hers['words']]).toEqual([his['safetyNumber'], his['words']]);
  expect([hers['picture'], hers['ownPicture']]).toEqual([his['ownPicture'], his['picture']]);
  expect(String(hers['words']).split(' ')).toHaveLength(18);

  // What is of somebody else, or her own code, verifies nobody.
  const carols = await verification(carol, alicesAddress);
  for (const [option, wrong, code] of [
    ['--number', carols['safetyNumber'], 'number-differs'],
    ['--words', carols['words'], 'number-differs'],
    ['--qr', carols['code'], 'number-differs'],
    ['--qr', hers['code'], 'bad-number'],
    ['--words', `${String(his['words'])} more`, 'bad-number'],
  ] as const) {
    const ran = await alice.try('contact', 'verify', bobsAddress, option, String(wrong));
    expect(ran.stdout).toContain(`"${code}"`);
  }
  expect(await trust(alice, bobsAddress)).toBe('pinned');
  for (const [option, right] of [
    ['--number', his['safetyNumber']],
    ['--words', String(his['words']).toUpperCase()],
    ['--qr', his['code']],
  ] as const) {
    const shown = await alice.one('contact', 'verify', bobsAddress, option, String(right));
    expect(shown).toMatchObject({ trust: 'verified' });
  }

  const picture = path.join(world.folder, 'bob.svg');
  await alice.one('contact', 'verify', bobsAddress, '--picture-svg', picture);
  expect(readFileSync(picture, 'utf8').trim()).toBe((his['ownPicture'] as Json)['svg']);

  // Bob's word for Carol counts at Alice, who verified him; hers for nobody, before she is verified.
  expect((await bob.try('vouch', carolsAddress, '--to', alicesAddress)).stdout).toContain('"not-verified"');
  const atCarols = await verification(carol, bobsAddress);
  await bob.one('contact', 'verify', carolsAddress, '--qr', String(atCarols['code']));
  const events = alice.listen(0);
  expect(await bob.one('vouch', carolsAddress, '--to', alicesAddress)).toMatchObject({
    told: [alicesAddress],
  });
  const vouched = (state: string): Promise<Json> =>
    events.until(`a vouch that is ${state}`, (lines) =>
      lines.find((line) => line['event'] === 'vouch' && line['state'] === state),
    );
  expect(await vouched('given')).toMatchObject({ from: bobsAddress, about: carolsAddress });
  expect(await alice.one('contact', 'show', carolsAddress)).toMatchObject({
    trust: 'vouched',
    vouchers: [{ address: bobsAddress, counts: true }],
  });
  expect((await alice.tell('contact', 'show', carolsAddress)).stdout).toContain(
    `vouched by ${bobsAddress} on `,
  );
  expect(await bob.one('vouch', carolsAddress, '--revoke')).toMatchObject({ told: [alicesAddress] });
  await vouched('revoked');
  expect(await trust(alice, carolsAddress)).toBe('pinned');
  expect(await bob.one('vouch')).toMatchObject({
    given: [{ about: carolsAddress, to: [alicesAddress], state: 'revoked' }],
  });
});
