/** Relays that do not take the queue of our card, as the mail agent heard it in this run: an open relay takes it. */
import type { PeerAddress } from '@mycelium/protocol';
import { mapKey } from '../store/keys.ts';

/** Reasons that do not go away in a moment: no room, or not for us. */
const lasting: ReadonlySet<string> = new Set(['not-authorized', 'store-full', 'limit']);

export class RelayRefusals {
  readonly #refusing = new Set<string>();

  refused(peer: PeerAddress, code: string): void {
    if (lasting.has(code)) this.#refusing.add(mapKey(peer.key));
  }

  /** It has something of ours on its disk. */
  took(peer: PeerAddress): void {
    this.#refusing.delete(mapKey(peer.key));
  }

  refuses(peer: PeerAddress): boolean {
    return this.#refusing.has(mapKey(peer.key));
  }
}
