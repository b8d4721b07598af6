/** The addresses of a listening transport, as others on its networks would dial them. */
import { networkInterfaces } from 'node:os';
import type { PeerAddress, TransportKey } from '@mycelium/protocol';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `0.0.0.0` and `::` stand for every interface; link-local addresses mean nothing without an interface's name. */
export function peerAddresses(key: TransportKey, listening: readonly Endpoint[]): readonly PeerAddress[] {
  const addresses = new Map<string, PeerAddress>();
  for (const { host, port } of listening) {
    for (const reachable of reachableHosts(host)) {
      addresses.set(`${reachable} ${port}`, { key, endpoint: { host: reachable, port } });
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
