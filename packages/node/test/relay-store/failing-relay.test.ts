// A relay on a disk that fails (EIO), whole but for its links: what those who are connected hear.
import { encodeFetch, encodeSubscribe } from '@mycelium/protocol';
import { openRelayStore } from '@mycelium/node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mailFrame, queueOf, requestIdOf } from '../../../protocol/test/mail/members.ts';
import { type Client, createScene, type Scene } from '../../../runtime/test/relay/scene.ts';
import { nodeFiles, type LogFiles } from '../../src/relay-store/files.ts';
import { clock, limits, temporaryFolder } from './frames.ts';

const queue = queueOf(1);
const { route } = queue;

/** What fails at the moment. */
const failing = { write: false, sync: false, read: false };

const eio = (): Promise<never> => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }));

const files: LogFiles = {
  ...nodeFiles,
  open: async (name) => {
    const file = await nodeFiles.open(name);
    return {
      ...file,
      write: (bytes, position) => (failing.write ? eio() : file.write(bytes, position)),
      sync: () => (failing.sync ? eio() : file.sync()),
      read: (into, position) => (failing.read ? eio() : file.read(into, position)),
    };
  },
};

let scene: Scene;
let alice: Client;
let close: () => Promise<void>;

beforeEach(async () => {
  Object.assign(failing, { write: false, sync: false, read: false });
  const store = await openRelayStore({
    folder: temporaryFolder(),
    limits,
    clock,
    files,
    reserveBytes: 1 << 12,
  });
  close = () => store.close();
  scene = createScene({ store: () => store });
  alice = scene.connect('Alice');
  alice.open(queue, 'owner');
  await heard(alice, 'opened 0-0');
  alice.send(...Array.from({ length: 3 }, (_, at) => mailFrame(route, at)));
  await heard(alice, 'stored 0, stored 1, stored 2');
});

afterEach(async () => {
  await scene.host.stop();
  await close();
});

/** The disk is a real one: answers take as long as they take. */
async function heard(client: Client, words: string): Promise<void> {
  const count = words.split(', ').length;
  await expect.poll(() => client.items.length).toBeGreaterThanOrEqual(count);
  expect(client.heard()).toBe(words);
}

const fetch = (from: number): Uint8Array =>
  encodeFetch({ route, requestId: requestIdOf(500), from, count: 10 });

test.for(['write', 'sync'] as const)(
  'while every %s fails: new mail and new queues are refused as failed, what is there is served, and it goes on after',
  async (what) => {
    failing[what] = true;
    alice.send(mailFrame(route, 3), mailFrame(route, 4));
    await heard(alice, 'error failed, error failed');
    const carol = scene.connect('Carol');
    carol.open(queueOf(2), 'owner');
    await heard(carol, 'error failed');
    const bob = scene.connect('Bob');
    bob.open(queue, 'reader');
    await heard(bob, 'opened 0-3');
    bob.send(encodeSubscribe({ route, requestId: requestIdOf(1), from: 0 }));
    await heard(bob, 'done 0-3, push 0+3');

    failing[what] = false;
    alice.open(queue, 'owner');
    await heard(alice, 'opened 0-3');
    alice.send(mailFrame(route, 3));
    await heard(alice, 'stored 3');
    await heard(bob, 'push 3+1');
    carol.open(queueOf(2), 'owner');
    await heard(carol, 'opened 0-0');
  },
);

test('while every read fails: a fetch hears so, mail is taken, and a subscription goes on by itself when it can be read', async () => {
  const bob = scene.connect('Bob');
  bob.open(queue, 'reader');
  await heard(bob, 'opened 0-3');
  failing.read = true;
  bob.send(fetch(0));
  await heard(bob, 'error failed');
  bob.send(encodeSubscribe({ route, requestId: requestIdOf(2), from: 0 }));
  await heard(bob, 'done 0-3');
  alice.send(mailFrame(route, 3));
  await heard(alice, 'stored 3');
  await scene.clock.advance(5_000);
  expect(bob.heard()).toBe('');
  failing.read = false;
  await scene.clock.advance(2_000);
  await expect.poll(() => bob.items.length).toBeGreaterThan(0);
  expect(bob.pushed().map(({ index }) => index)).toEqual([0, 1, 2, 3]);
});
