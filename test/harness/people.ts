/** Alice, Bob and a relay, put together in the ways that scenarios begin with. */
import { TestNode, type NodeOptions } from './node.ts';
import { patienceMs } from './patience.ts';
import type { Json, Stream, World } from './program.ts';

export const alicesAddress = 'alice@example.com';
export const bobsAddress = 'bob@example.org';

export interface People {
  readonly relay: TestNode;
  readonly alice: TestNode;
  readonly bob: TestNode;
}

export async function startRelay(
  world: World,
  roles = 'relay,directory',
  options: NodeOptions = {},
): Promise<TestNode> {
  return new TestNode(world, 'relay', { ...options, roles }).start();
}

/** A person with an account whose node is up. */
export async function startPerson(
  world: World,
  address: string,
  options: NodeOptions = {},
): Promise<TestNode> {
  const node = new TestNode(world, address.split('@')[0] ?? address, options);
  await node.init(address);
  return node.start();
}

/** Alice and Bob use one relay and have accepted each other by an invite link; nobody runs a directory. */
export async function befriended(world: World, options: NodeOptions = {}): Promise<People> {
  const relay = await startRelay(world, 'relay');
  const shared: NodeOptions = { ...options, relays: [relay.address] };
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, shared),
    startPerson(world, bobsAddress, shared),
  ]);
  await befriend(alice, bob);
  return { relay, alice, bob };
}

/** The guest takes an invite link of the inviter's, and both know it. */
export async function befriend(
  inviter: TestNode,
  guest: TestNode,
  addresses: { readonly inviter: string; readonly guest: string } = {
    inviter: alicesAddress,
    guest: bobsAddress,
  },
): Promise<void> {
  await acceptInvite(guest, String((await inviter.one('invite'))['link']));
  await Promise.all([accepted(inviter, addresses.guest), accepted(guest, addresses.inviter)]);
}

/** The card of somebody who has just begun may still be on its way to the relay: then the guest tries again. */
export async function acceptInvite(guest: TestNode, link: string): Promise<void> {
  for (const endMs = performance.now() + patienceMs; ;) {
    const ran = await guest.try('accept', link);
    if (ran.code === 0) return;
    if (!ran.stdout.includes('"unreachable"') || performance.now() > endMs)
      throw new Error(`${guest.name} cannot accept the invite\n${ran.stdout}\n${ran.stderr}`);
  }
}

/** Waits until `node` sees `address` as an accepted contact. */
export async function accepted(node: TestNode, address: string): Promise<void> {
  const events = node.listen(0);
  await events.until(`${node.name} to have ${address} accepted`, (lines) =>
    lines.find(
      (line) => line['event'] === 'contact' && line['address'] === address && line['state'] === 'accepted',
    ),
  );
  await events.stop();
}

/** Waits until `count` messages have come, and answers their texts. */
export function messages(events: Stream, count: number): Promise<readonly string[]> {
  return events.until(`${count} messages`, (lines) => {
    const texts = received(lines).map((line) => String(line['text']));
    return texts.length >= count ? texts : undefined;
  });
}

export function received(lines: readonly Json[]): readonly Json[] {
  return lines.filter((line) => line['event'] === 'message');
}

/** Waits for a receipt of message `id` in this state. */
export function receipt(events: Stream, id: unknown, state: 'stored' | 'delivered'): Promise<Json> {
  return events.until(`receipt ${state}`, (lines) =>
    lines.find((line) => line['event'] === 'receipt' && line['id'] === id && line['state'] === state),
  );
}
