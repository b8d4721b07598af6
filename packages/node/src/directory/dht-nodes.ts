/** The directory's nodes over hyperdht: its routing table, and our commands to one node. */
import type { NodeAddress } from '@mycelium/protocol';
import type { DirectoryNodes, NodeQuestion, NodeReply } from '@mycelium/runtime';
import { nodeIds, type HyperDht } from '../declarations/hyperdht.ts';
import type { ClaimPlugin } from './claim-plugin.ts';

export function dhtNodes(dht: HyperDht, plugin: ClaimPlugin): DirectoryNodes {
  return {
    get ownId() {
      return dht.id;
    },
    idOf: ({ host, port }: NodeAddress) => nodeIds.id(host, port),
    known: () => (dht.destroyed ? [] : [...dht.toArray(), ...dht.bootstrapNodes]),
    ask: (node: NodeAddress, { command, target, value, token = null }: NodeQuestion): Promise<NodeReply> =>
      plugin.request({ command, target, value, token }, node, { retry: false }),
  };
}
