/** Over what two people's nodes are linked, as `mycelium status` says. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../apps/mycelium/src/connection.ts';
import type { TestNode } from '../harness/node.ts';

/** The path of a link that answers between this node and the contact, whoever opened it; undefined: they meet at relays only. */
export async function directPath(caller: Connection, contact: string): Promise<string | undefined> {
  const { peers } = await caller.call('node.status', {});
  const links = peers.filter((peer) => peer.contact === contact && peer.path !== undefined);
  const isSilent = links.some(({ paths }) => paths.some(({ state }) => state === 'silent'));
  return isSilent ? undefined : links[0]?.path;
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
