/** Lists of peers, compared and joined. A relay is its key; where it is may change. */
import { bytesEqual, isSamePeer, type PeerAddress } from '@mycelium/protocol';

/** The first address of each key. */
export function uniqueByKey(peers: readonly PeerAddress[]): readonly PeerAddress[] {
  return peers.filter((peer, at) => peers.findIndex((other) => bytesEqual(other.key, peer.key)) === at);
}

export function unique(peers: readonly PeerAddress[]): readonly PeerAddress[] {
  return peers.filter((peer, at) => peers.findIndex((other) => isSamePeer(other, peer)) === at);
}

export function hasKey(peers: readonly PeerAddress[], { key }: Pick<PeerAddress, 'key'>): boolean {
  return peers.some((peer) => bytesEqual(peer.key, key));
}

export function samePeers(left: readonly PeerAddress[], right: readonly PeerAddress[]): boolean {
  return left.length === right.length && left.every((peer, at) => isSamePeer(peer, right[at] ?? peer));
}
