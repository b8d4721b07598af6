/** A transport key as a key of maps. */
import { routeKey, type PeerAddress, type TransportKey } from '@mycelium/protocol';

export function peerKey(key: TransportKey | PeerAddress): string {
  const bytes = key instanceof Uint8Array ? key : key.key;
  return routeKey(bytes, 0) + routeKey(bytes, 16);
}
