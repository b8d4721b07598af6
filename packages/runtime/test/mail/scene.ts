/** Alice, Bob and their relays on simulated machines. */
import type { SimulatedNetwork } from '@mycelium/simulation';
import { createWorld, Device, queueKeys } from './device.ts';
import { TestRelay } from './test-relay.ts';

export const minute = 60_000;

interface SceneWish {
  readonly direct?: boolean;
  readonly relays?: number;
  /** Paths between each of the two and each relay, where there are several. */
  readonly ways?: Parameters<SimulatedNetwork['setWays']>[2];
}

/** Alice owns a queue at the relay (and at Bob's device when direct), Bob follows it. */
export async function aliceAndBob(seed: string, { direct = false, relays = 1, ways = {} }: SceneWish = {}) {
  const network = createWorld(seed);
  const { clock } = network;
  const alice = new Device(network.node('alice'));
  const bob = new Device(network.node('bob'));
  const relayList = Array.from({ length: relays }, (_, at) => new TestRelay(network.node(`relay${at + 1}`)));
  for (const { node } of [alice, bob]) {
    for (const relay of relayList) if (Object.keys(ways).length > 0) network.setWays(node, relay.node, ways);
  }
  for (const relay of relayList) await relay.start();
  await alice.start();
  await bob.start();
  const keys = queueKeys(seed);
  const { route } = keys;
  const at = relayList.map(({ node }) => node.address);
  alice.own(keys, direct ? [...at, bob.address] : at);
  bob.follow(keys, at);
  const bobHas =
    (count: number): (() => boolean) =>
    () =>
      bob.has(route) === count;
  return { network, clock, alice, bob, relays: relayList, relay: relayList[0]!, keys, route, at, bobHas };
}
