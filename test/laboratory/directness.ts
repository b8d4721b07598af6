/** Over what two people's nodes are linked, as `mycelium status` says. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../apps/mycelium/src/connection.ts';
import type { TestNode } from '../harness/node.ts';

/**
 * The path of a link between this node and the contact, whoever opened it; undefined: they meet at relays only, be it at queues or
 * over links that a relay has joined.
 */
export async function directPath(caller: Connection, contact: string): Promise<string | undefined> {
  const { peers } = await caller.call('node.status', {});
  const isDirect = (path: string | undefined): boolean => path !== undefined && path !== 'relayed';
  return peers.find((peer) => peer.contact === contact && isDirect(peer.path))?.path;
}

/** The same of links that this node opened, which it knows to answer. */
export async function soundPath(caller: Connection, contact: string): Promise<string | undefined> {
  const { peers } = await caller.call('node.status', {});
  const dialled = peers.find((peer) => peer.contact === contact && peer.direction === 'out');
  return dialled?.paths.find(({ state, path }) => state === 'used' && path !== 'relayed')?.path;
}

/** Over what this node reaches that relay. */
export async function relayPath(caller: Connection, relay: TestNode): Promise<string | undefined> {
  const key = relay.address.slice(0, relay.address.indexOf('@'));
  const { peers } = await caller.call('node.status', {});
  return peers.find(({ address, direction }) => direction === 'out' && address.startsWith(key))?.path;
}

/** Asks until the answer is one that will do. Undefined: none was, in that time. */
export async function untilSaid<T>(
  ask: () => Promise<T>,
  willDo: (answer: T) => boolean,
  withinMs: number,
): Promise<T | undefined> {
  const endMs = performance.now() + withinMs;
  while (performance.now() < endMs) {
    const answer = await ask();
    if (willDo(answer)) return answer;
    await sleep(10);
  }
  return undefined;
}
