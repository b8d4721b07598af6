import { bytesToHex } from '@mycelium/protocol';
import { createMemoryClientStore } from '@mycelium/simulation';
import { expect, test } from 'vitest';
import { contacts } from './people.ts';

test('A copy from yesterday that sends again says nothing in the old feed, becomes a new device, and loses nothing', async () => {
  const { town, alice, bob } = await contacts();
  const nonces = new Set<string>();
  const repeated: string[] = [];
  const seen = new Set<string>();
  town.office.onFrame = (frame) => {
    if ((frame[0] ?? 0) > 3) return;
    const whole = bytesToHex(frame);
    if (seen.has(whole)) return;
    seen.add(whole);
    const nonce = bytesToHex(frame.slice(4, 32));
    if (nonces.has(nonce)) repeated.push(nonce);
    nonces.add(nonce);
  };
  await alice.send(bob, 'before the copy');
  await town.settle();
  const copy = alice.store.snapshot();
  await alice.send(bob, 'after the copy');
  await bob.send(alice, 'seen by the first Alice only');
  await town.settle();
  bob.agent.online = false;
  await alice.restart(createMemoryClientStore(copy));
  await alice.send(bob, 'from the copy').catch(() => undefined);
  await town.settle();
  bob.agent.online = true;
  await town.settle();
  expect(alice.kinds('security').map((event) => 'kind' in event && event.kind)).toContain('clone');
  await alice.send(bob, 'from the new device');
  await town.settle();
  const texts = bob.texts(alice).filter((text) => text !== 'seen by the first Alice only');
  expect(texts.filter((text) => text === 'before the copy')).toHaveLength(1);
  expect(texts).toContain('after the copy');
  expect(texts).toContain('from the new device');
  expect(texts.filter((text) => text === 'from the copy').length).toBe(
    alice.texts(bob).filter((text) => text === 'from the copy').length,
  );
  expect(repeated).toEqual([]);
  await bob.send(alice, 'to the new device');
  await town.settle();
  expect(alice.texts(bob)).toContain('to the new device');
  expect(bob.kinds('security')).toEqual([]);
  expect(alice.states(bob).filter((state) => state === 'queued' || state === 'stored')).toEqual([]);
});

test('The same copy restored twice goes on with the account log of the first time', async () => {
  const { town, alice, bob } = await contacts();
  const copy = alice.store.snapshot();
  await alice.send(bob, 'one');
  await town.settle();
  for (const text of ['two', 'three']) {
    await alice.restart(createMemoryClientStore(copy));
    await town.settle();
    await alice.send(bob, text);
    await town.settle();
  }
  expect(bob.kinds('security')).toEqual([]);
  expect(bob.texts(alice)).toEqual(['one', 'two', 'three']);
});

for (const [first, second] of [
  [1, 1],
  [2, 2],
  [3, 3],
  [1, 2],
] as const) {
  test(`A copy that wrote ${second} offline where its other self wrote ${first} finds itself, and all arrive`, async () => {
    for (const heard of ['its relay', 'a receipt']) {
      const { town, alice, bob } = await contacts();
      await alice.send(bob, 'before the copy');
      await town.settle();
      const copy = alice.store.snapshot();
      const texts = ['before the copy'];
      for (let number = 0; number < first; number += 1) {
        texts.push(`after ${number}`);
        await alice.send(bob, `after ${number}`);
      }
      if (heard === 'its relay') bob.agent.online = false;
      await town.settle();
      await alice.restart(createMemoryClientStore(copy), false);
      for (let number = 0; number < second; number += 1) {
        texts.push(`from the copy ${number}`);
        await alice.send(bob, `from the copy ${number}`);
      }
      // Also killed before it gets online: what it wrote is on its disk and nowhere else.
      await alice.restart(alice.store.crash(), false);
      alice.agent.pushes = heard === 'its relay';
      alice.agent.online = true;
      await town.settle();
      expect(alice.kinds('security').map((event) => 'kind' in event && event.kind)).toContain('clone');
      alice.agent.pushes = true;
      bob.agent.online = true;
      await town.settle();
      expect(bob.texts(alice).toSorted()).toEqual(texts.toSorted());
      expect(new Set(alice.states(bob))).toEqual(new Set(['delivered']));
      expect(bob.kinds('security')).toEqual([]);
    }
  });
}

test('A receipt for what the first self wrote in the same place does not pass for one of the text of its copy', async () => {
  const { town, alice, bob } = await contacts();
  await alice.send(bob, 'before the copy');
  await town.settle();
  const copy = alice.store.snapshot();
  for (const text of ['after one', 'after two', 'after three']) {
    await alice.send(bob, text);
    await town.settle(); // a receipt for each
  }
  bob.agent.online = false;
  await alice.restart(createMemoryClientStore(copy), false);
  await alice.send(bob, 'from the copy');
  alice.agent.pushes = false;
  alice.agent.online = true;
  await town.settle(); // she hears the receipt before anybody tells her that she is a copy
  alice.agent.pushes = true;
  bob.agent.online = true;
  await town.settle();
  expect(alice.kinds('security').map((event) => 'kind' in event && event.kind)).toContain('clone');
  expect(bob.texts(alice)).toEqual([
    'before the copy',
    'after one',
    'after two',
    'after three',
    'from the copy',
  ]);
  expect(new Set(alice.states(bob))).toEqual(new Set(['delivered']));
});
