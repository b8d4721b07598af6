/**
 * Our node of the DHT (spec/directory-node.md). Clients are ephemeral: they ask, and stay out of everybody's routing
 * tables. A directory node is persistent from the start. Neither ever contacts a node that is not configured or was
 * not told by one that is.
 */
import { isIPv4 } from 'node:net';
import { lookup } from 'node:dns/promises';
import { assert } from '@mycelium/protocol';
import { TransportError } from '@mycelium/runtime';
import type { DhtOptions, HyperDht, UdpAddress } from '../declarations/hyperdht.ts';
import type { KeyPair } from '../declarations/noise.ts';
import type { ConnectionGate } from './connection-gate.ts';
import { reachableHosts, type Endpoint } from './addresses.ts';
import { GuardedDht } from './guarded-dht.ts';
import { allowBothToSearch, searchEveryMs } from './hole-punching.ts';

export interface DhtWish {
  readonly role: 'client' | 'directory';
  /** Nodes to begin with. Nothing else is ever contacted on its own. */
  readonly bootstrap: readonly Endpoint[];
  /** Nodes from last time. */
  readonly nodes?: readonly Endpoint[];
  /** IPv4 address under which others see a directory node, when no interface has it. */
  readonly publicHost?: string;
  /** Handshakes of peers pass it before any work for them. */
  readonly gate?: ConnectionGate;
}

/** The IPv4 address to bind for a listening endpoint; undefined: it has no UDP. */
export function udpHost(host: string): string | undefined {
  if (host === '::') return '0.0.0.0';
  if (host === 'localhost') return '127.0.0.1';
  return isIPv4(host) ? host : undefined;
}

/** @throws TransportError `address-in-use` */
export async function startDht(wish: DhtWish, own: KeyPair, at: Endpoint): Promise<HyperDht> {
  const bootstrap = await ipv4Addresses(wish.bootstrap);
  const nodes = await ipv4Addresses(wish.nodes ?? []);
  const options: DhtOptions = {
    host: at.host,
    port: at.port === 0 ? [0, 0] : [at.port, at.port + 1],
    anyPort: at.port === 0,
    keyPair: own,
    // An empty list, and not none: none means the library's own public nodes.
    bootstrap: wish.role === 'client' ? bootstrap : [],
    nodes: wish.role === 'client' ? nodes : [],
    ephemeral: wish.role === 'client',
    randomPunchInterval: searchEveryMs,
  };
  const dht = wish.role === 'client' ? new GuardedDht(options) : directoryNode(wish, options, at);
  if (wish.gate !== undefined) dht.gate = wish.gate;
  allowBothToSearch(dht);
  try {
    await dht.bind();
  } catch (cause) {
    await dht.destroy({ force: true }).catch(() => undefined);
    throw new TransportError('address-in-use', 'another program uses the UDP port', { cause });
  }
  if (wish.role === 'directory') {
    // Only now, because a persistent node that waits for silent nodes gives up being persistent.
    await dht.fullyBootstrapped();
    dht.bootstrapNodes = bootstrap;
    for (const node of nodes) dht.addNode(node);
    if (bootstrap.length + nodes.length > 0) dht.refresh();
  }
  return dht;
}

/** A node's id is the hash of its address, so it has to know it; it is the only one who can, when it is the first. */
function directoryNode(wish: DhtWish, options: DhtOptions, at: Endpoint): GuardedDht {
  assert(at.port !== 0, 'a directory node listens somewhere');
  const host = wish.publicHost ?? reachableHosts(at.host)[0] ?? '127.0.0.1';
  return GuardedDht.bootstrapper(at.port, host, { ...options, firewalled: false });
}

/** Names that do not resolve are left out: a bootstrap list survives the death of one of its hosts. */
async function ipv4Addresses(endpoints: readonly Endpoint[]): Promise<readonly UdpAddress[]> {
  const found = await Promise.all(endpoints.map((endpoint) => ipv4Address(endpoint)));
  return found.filter((address) => address !== undefined);
}

export async function ipv4Address({ host, port }: Endpoint): Promise<UdpAddress | undefined> {
  if (isIPv4(host)) return { host, port };
  try {
    return { host: (await lookup(host, { family: 4 })).address, port };
  } catch {
    return undefined;
  }
}
