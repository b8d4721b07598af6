/** All peers that somebody needs, one of each key, made when first needed and forgotten when nobody does any more. */
import type { PeerAddress, TransportKey } from '@mycelium/protocol';
import type { PeerView } from './agent.ts';
import { peerKey } from './peer-key.ts';
import { Peer, type PeerEvents } from './peer.ts';
import type { Surroundings } from './surroundings.ts';

const tidyAtLeast = 64;

export class Peers {
  readonly #around: Surroundings;
  readonly #events: PeerEvents;
  readonly #peers = new Map<string, Peer>();
  /** So many before those that nobody needs are looked for again: a client with thousands of them asks for all in a row. */
  #tidyAt = tidyAtLeast;

  constructor(around: Surroundings, events: PeerEvents) {
    this.#around = around;
    this.#events = events;
  }

  /** One for each different key, in the order of the list. */
  of(addresses: readonly PeerAddress[]): readonly Peer[] {
    this.#forgetUnneeded();
    return [...new Set(addresses.map((address) => this.#get(address)))];
  }

  find(key: TransportKey): Peer | undefined {
    return this.#peers.get(peerKey(key));
  }

  views(): readonly PeerView[] {
    return [...this.#peers.values()].filter((peer) => peer.needed).map((peer) => peer.view());
  }

  lookAgain(): void {
    for (const peer of this.#peers.values()) peer.lookAgain();
  }

  stop(): void {
    for (const peer of this.#peers.values()) peer.stop();
    this.#peers.clear();
  }

  #get(address: PeerAddress): Peer {
    const key = peerKey(address);
    const known = this.#peers.get(key);
    if (known !== undefined) {
      known.mayBeAt(address);
      return known;
    }
    const peer = new Peer(this.#around, address, this.#events);
    this.#peers.set(key, peer);
    return peer;
  }

  #forgetUnneeded(): void {
    if (this.#peers.size < this.#tidyAt) return;
    for (const [key, peer] of this.#peers) if (!peer.needed) this.#peers.delete(key);
    this.#tidyAt = Math.max(tidyAtLeast, 2 * this.#peers.size);
  }
}
