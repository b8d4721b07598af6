/** How near each kind of path is, what it is called, and what it costs beside its round trip (spec/links.md, "Paths"). */
import { formatPeerAddress, formatPeerEndpoint } from '@mycelium/protocol';
import type { Path, PathKind } from '../ports/transport.ts';

/** Nearest first: the order in which paths are tried. */
const kinds: readonly PathKind[] = ['memory', 'unix', 'tcp', 'udp', 'websocket', 'relayed'];

export function nearnessOf(kind: PathKind): number {
  return kinds.indexOf(kind);
}

/**
 * Added to the round trip when paths are compared, in ms: what a kind costs that a round trip does not show. UDP is carried by our
 * own process and not by the kernel; a WebSocket is framed and masked.
 */
export const surchargeMs: Readonly<Record<PathKind, number>> = {
  memory: 0,
  unix: 0,
  tcp: 0.5,
  udp: 1,
  websocket: 2,
  // Somebody else carries every byte twice.
  relayed: 20,
};

/** Only the death of the program at the other end ends these, and that ends every other path too. */
export function needsSecond(kind: PathKind): boolean {
  return kind !== 'memory' && kind !== 'unix';
}

/** Different for each path to a peer; the same when the same path is found again. */
export function pathName({ kind, endpoints: [endpoint], via }: Path): string {
  if (via !== undefined) return `${kind} ${formatPeerAddress({ key: via.key })}`;
  if (kind === 'websocket' && endpoint !== undefined) return formatPeerEndpoint(endpoint);
  if (kind === 'udp' || endpoint === undefined) return kind;
  return `${kind} ${formatPeerEndpoint(endpoint)}`;
}

/** For people. */
export const kindTexts: Readonly<Record<PathKind, string>> = {
  memory: 'memory',
  unix: 'a socket of this machine',
  tcp: 'TCP',
  udp: 'UDP',
  websocket: 'a WebSocket',
  relayed: 'a relay',
};
