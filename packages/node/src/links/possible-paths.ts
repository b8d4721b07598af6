/** The ways to one key that could be tried now, nearest first (spec/links.md, "Paths"). */
import { existsSync } from 'node:fs';
import { bytesEqual, type PeerAddress, type PeerEndpoint, type TransportKey } from '@mycelium/protocol';
import type { Path, PathKind } from '@mycelium/runtime';
import { socketPath } from './runtime-folder.ts';

export interface PathsHere {
  readonly runtimeFolder: string;
  /** Where the key was heard on a network around this machine. */
  nearby(key: TransportKey): readonly PeerEndpoint[];
  uses(kind: PathKind): boolean;
}

/** `addresses` are of one key. */
export function possiblePaths(
  addresses: readonly PeerAddress[],
  here: PathsHere,
  through: readonly PeerAddress[] = [],
): readonly Path[] {
  const [first] = addresses;
  if (first === undefined) return [];
  const { key } = first;
  const endpoints = addresses.flatMap(({ endpoint }) => (endpoint === undefined ? [] : [endpoint]));
  const told = endpoints.filter(({ over }) => over === undefined);
  const isTold = (heard: PeerEndpoint): boolean =>
    told.some(({ host, port }) => host === heard.host && port === heard.port);
  const plain = [...here.nearby(key).filter((heard) => !isTold(heard)), ...told];
  const webSockets = endpoints.filter(({ over }) => over !== undefined);
  const socket = socketPath(here.runtimeFolder, key);
  const paths: readonly Path[] = [
    ...(socket !== undefined && existsSync(socket) ? [{ kind: 'unix', key, endpoints: [] } as const] : []),
    ...plain.map((endpoint) => ({ kind: 'tcp', key, endpoints: [endpoint] }) as const),
    { kind: 'udp', key, endpoints: plain },
    ...webSockets.map((endpoint) => ({ kind: 'websocket', key, endpoints: [endpoint] }) as const),
    ...through
      .filter((relay, at) => through.findIndex((other) => bytesEqual(other.key, relay.key)) === at)
      .map((via) => ({ kind: 'relayed', key, endpoints: [], via }) as const),
  ];
  return paths.filter(({ kind }) => here.uses(kind));
}
