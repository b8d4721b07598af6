import { expect, test } from 'vitest';
import { contacts } from './people.ts';

test('Both are killed again and again, and every text arrives once and in order', async () => {
  const { town, alice, bob } = await contacts();
  const sent: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    for (const at of [1, 2, 3]) {
      const text = `${round}.${at}`;
      sent.push(text);
      await alice.send(bob, text);
    }
    if (round % 2 === 0) await alice.restart();
    else await bob.restart();
  }
  await town.settle();
  expect(bob.texts(alice)).toEqual(sent);
  expect(alice.states(bob).every((state) => state === 'delivered')).toBe(true);
});

test('A hundred messages change the keys of a feed, with the secrets of the other one mixed in', async () => {
  const { town, alice, bob } = await contacts();
  const routes = new Set<string>();
  town.office.onFrame = (frame) => void routes.add(frame.slice(4, 20).join());
  const before = routes.size;
  for (let at = 0; at < 230; at += 1) {
    await alice.send(bob, `text ${at}`);
    if (at % 40 === 0) {
      await bob.send(alice, `answer ${at}`);
      await town.settle();
    }
  }
  await town.settle();
  expect(bob.texts(alice).filter((text) => text.startsWith('text'))).toHaveLength(230);
  expect(routes.size - before).toBeGreaterThanOrEqual(4);
  expect([...alice.kinds('security'), ...bob.kinds('security')]).toEqual([]);
  expect(alice.states(bob).filter((state) => state === 'delivered')).toHaveLength(230);
});

test('A text sent twice under one idempotency key is sent once', async () => {
  const { town, alice, bob } = await contacts();
  const wish = { to: bob.address, text: 'once', idempotencyKey: 'k1' };
  const first = await alice.during(alice.client.send(wish));
  await alice.restart();
  const second = await alice.during(alice.client.send(wish));
  expect(second.id).toBe(first.id);
  await town.settle();
  expect(bob.texts(alice)).toEqual(['once']);
});

test('A step whose commit fails changes nothing, and says so', async () => {
  const { town, alice, bob } = await contacts();
  alice.store.failNextCommit('full');
  await expect(alice.send(bob, 'lost')).rejects.toMatchObject({ code: 'store-full' });
  await alice.send(bob, 'kept');
  await town.settle();
  expect(bob.texts(alice)).toEqual(['kept']);
});

test('Frames are forgotten once they are delivered', async () => {
  const { town, alice, bob } = await contacts();
  for (let at = 0; at < 20; at += 1) await alice.send(bob, 'a text that is short');
  await town.settle();
  const card = alice.store.scan('queues').length;
  expect(card).toBeGreaterThan(0);
  expect(alice.store.scan('outgoing').length).toBeLessThan(5);
});

test('A long text comes whole, and one that is too long is refused', async () => {
  const { town, alice, bob } = await contacts();
  const long = 'mycelium '.repeat(7_000);
  await alice.send(bob, long);
  await town.settle();
  expect(bob.texts(alice)).toEqual([long]);
  await expect(alice.send(bob, 'x'.repeat(65_537))).rejects.toMatchObject({ code: 'too-long' });
  await expect(alice.send(bob, '\ud800')).rejects.toMatchObject({ code: 'bad-text' });
});

test('A day of use changes the keys too', async () => {
  const { town, alice, bob } = await contacts();
  await alice.send(bob, 'today');
  town.clock.setWallOffset(25 * 3_600_000);
  await alice.send(bob, 'tomorrow');
  await town.settle();
  expect(bob.texts(alice)).toEqual(['today', 'tomorrow']);
});
