/** The addresses of a listening transport, as others on its networks would dial them. */
import { networkInterfaces } from 'node:os';
import {
  formatPeerAddress,
  type PeerAddress,
  type PeerEndpoint,
  type TransportKey,
} from '@mycelium/protocol';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `0.0.0.0` and `::` stand for every interface; link-local addresses mean nothing without an interface's name. */
export function peerAddresses(key: TransportKey, listening: readonly PeerEndpoint[]): readonly PeerAddress[] {
  const addresses = new Map<string, PeerAddress>();
  for (const endpoint of listening) {
    for (const host of reachableHosts(endpoint.host)) {
      const address = { key, endpoint: { ...endpoint, host } };
      addresses.set(formatPeerAddress(address), address);
    }
  }
  return [...addresses.values()];
}

export function reachableHosts(host: string): readonly string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const outward = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^fe80:/i.test(address))
    .filter(({ family }) => host === '::' || family === 'IPv4')
    .map(({ address }) => address);
  return outward.length > 0 ? outward : ['127.0.0.1'];
}
