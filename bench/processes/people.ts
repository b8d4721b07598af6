/** Alice, Bob and a relay that is also a directory, as real processes; callers that speak their API. */
import type { ApiCaller } from '@mycelium/api';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Connection } from '../../apps/mycelium/src/connection.ts';
import { Lab } from '../../test/harness/namespaces.ts';
import { TestNode } from '../../test/harness/node.ts';
import { type Stream, World } from '../../test/harness/program.ts';

export interface People {
  readonly relay: TestNode;
  readonly alice: TestNode;
  readonly bob: TestNode;
  readonly end: () => Promise<void>;
}

export const aliceAddress = 'alice@example.com';
export const bobAddress = 'bob@example.com';

/** All on loopback: Alice and Bob reach each other. They have accounts, run, and have never met. */
export async function startNeighbours(): Promise<People> {
  const world = new World();
  const end = (): Promise<void> => world.end();
  try {
    const relay = await new TestNode(world, 'relay', { roles: 'relay,directory' }).start();
    const options = { bootstrap: [relay.address], relays: [relay.address] };
    const alice = new TestNode(world, 'alice', options);
    const bob = new TestNode(world, 'bob', options);
    await settle([alice, bob]);
    return { relay, alice, bob, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Each on a machine of its own (a network namespace): only the relay, between them, reaches both. */
export async function startApart(): Promise<People> {
  const world = new World();
  const lab = new Lab(world);
  const end = async (): Promise<void> => {
    await world.end();
    lab.end();
  };
  try {
    const [near, far] = [lab.machine('alice'), lab.machine('bob')];
    const listen = [near.hub, far.hub].map((host) => `${host}:47470`);
    const relay = new TestNode(world, 'relay', { ...lab.on('hub'), roles: 'relay,directory', listen });
    await relay.start();
    const person = (name: string, at: typeof near): TestNode => {
      const addresses = relay.addresses.filter((address) => address.includes(`@${at.hub}:`));
      const options = { listen: [`${at.own}:0`], bootstrap: addresses, relays: addresses };
      return new TestNode(world, name, { ...lab.on(name), ...options });
    };
    const [alice, bob] = [person('alice', near), person('bob', far)];
    await settle([alice, bob]);
    return { relay, alice, bob, end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function settle([alice, bob]: readonly [TestNode, TestNode]): Promise<void> {
  await Promise.all([alice.start(), bob.start()]);
  await alice.init(aliceAddress);
  await bob.init(bobAddress);
}

/** They become contacts by an invite link, and each has heard the other. */
export async function introduce({ alice, bob }: People): Promise<void> {
  const { link } = await alice.one('invite');
  await bob.one('accept', String(link));
  await untilAccepted(alice, bobAddress);
  await bob.do('send', aliceAddress, 'Hello Alice', '--wait', 'delivered', '--timeout', '30');
  await alice.do('send', bobAddress, 'Hello Bob', '--wait', 'delivered', '--timeout', '30');
}

/** Resolves when that address is an accepted contact. */
export async function untilAccepted(node: TestNode, address: string): Promise<void> {
  const caller = await callerOf(node);
  const accepted = new Promise<void>((resolve) => {
    caller.onEvent((event) => {
      if (event.event === 'contact' && event.address === address && event.state === 'accepted') resolve();
    });
  });
  await caller.call('events.subscribe', {});
  const { contacts } = await caller.call('contacts.list', {});
  const already = contacts.some((contact) => contact.address === address && contact.state === 'accepted');
  if (!already) await accepted;
  caller.close();
}

/** One long-lived connection to the node's API. */
export async function callerOf(node: TestNode): Promise<Connection> {
  const caller = await connect(node.data);
  if (caller === undefined) throw new Error(`${node.name} runs no node`);
  return caller;
}

/** Resolves once `listen`, another process, has printed the text. */
export function untilHeard(listening: Stream, text: string): Promise<number> {
  const heard = (): number => performance.now();
  return listening.until(`"${text}" to be printed`, (lines) =>
    lines.slice(-64).some((line) => line['text'] === text) ? heard() : undefined,
  );
}

/** Milliseconds from the call of `messages.send` until `listen`, another process, has printed the text. */
export async function sendAndHear(from: ApiCaller, listening: Stream, text: string): Promise<number> {
  const started = performance.now();
  const heard = untilHeard(listening, text);
  await from.call('messages.send', { to: bobAddress, text });
  return (await heard) - started;
}

/** `listen` does not say when it has subscribed: texts go out until it prints one. */
export async function firstHeard(from: ApiCaller, listening: Stream): Promise<void> {
  let isHeard = false;
  const heard = listening
    .until('any text', (lines) => (lines.length > 0 ? true : undefined))
    .then(() => (isHeard = true));
  for (let at = 0; !isHeard; at += 1) {
    await from.call('messages.send', { to: bobAddress, text: `is anybody there? ${at}` });
    await Promise.race([heard, sleep(100)]);
  }
}
