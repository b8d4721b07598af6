/**
 * Where a peer may be. Whoever names a key also says where it is, a contact for instance of our own relay: so a new
 * address is one more to try and never takes the place of one that has worked.
 */
import { formatPeerEndpoint, isSamePeer, type PeerAddress, type PeerEndpoint } from '@mycelium/protocol';

/** More are forgotten, the oldest that never worked first. */
const endpointsMax = 8;

export class Endpoints {
  /** Newest first, after the one that has worked. */
  #known: readonly PeerAddress[];
  #worked: PeerAddress | undefined;

  constructor(address: PeerAddress) {
    this.#known = [address];
  }

  get all(): readonly PeerAddress[] {
    return this.#known;
  }

  /** The one by which the peer is called: where it was reached last, else where it is said to be. */
  get best(): PeerAddress {
    return this.#worked ?? (this.#known[0] as PeerAddress);
  }

  /** True: it was not known before. */
  add(address: PeerAddress): boolean {
    if (address.endpoint === undefined || this.#known.some((known) => isSamePeer(known, address)))
      return false;
    const known = [address, ...this.#known];
    const oldest = known.findLast((other) => other !== this.#worked);
    this.#known = known.length > endpointsMax ? known.filter((other) => other !== oldest) : known;
    return true;
  }

  /** It led to the peer. */
  worked(endpoint: PeerEndpoint | undefined): void {
    if (endpoint === undefined) return;
    const text = formatPeerEndpoint(endpoint);
    const found = this.#known.find((known) => known.endpoint && formatPeerEndpoint(known.endpoint) === text);
    if (found === undefined) return;
    this.#worked = found;
    this.#known = [found, ...this.#known.filter((known) => known !== found)];
  }
}
