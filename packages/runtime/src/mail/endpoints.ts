/**
 * Where a peer may be. Whoever names a key also says where it is, a contact for instance of our own relay: so a new
 * address is one more to try and never takes the place of one that has worked.
 */
import { isSamePeer, type PeerAddress } from '@mycelium/protocol';

/** More are forgotten, the oldest that never worked first. */
const endpointsMax = 8;

export class Endpoints {
  #tried: PeerAddress[];
  #worked: PeerAddress | undefined;

  constructor(address: PeerAddress) {
    this.#tried = [address];
  }

  /** To be dialled now. */
  get current(): PeerAddress {
    return this.#tried[0] as PeerAddress;
  }

  /** A new one is tried next, or after the current one; a known one in its turn. */
  add(address: PeerAddress, atOnce: boolean): void {
    if (address.endpoint === undefined || this.#tried.some((known) => isSamePeer(known, address))) return;
    this.#tried = this.#tried.toSpliced(atOnce ? 0 : 1, 0, address);
    const oldest = this.#tried.findLast((known) => known !== this.#worked);
    if (this.#tried.length > endpointsMax) this.#tried = this.#tried.filter((known) => known !== oldest);
  }

  /** The current one led to the peer. */
  worked(): void {
    this.#worked = this.current;
  }

  /** The current one did not: the next one is current. */
  failed(): void {
    const [first, ...others] = this.#tried;
    if (first !== undefined) this.#tried = [...others, first];
  }
}
