/** Links that others opened, while they last: for the view of peers, and to stop them. */
import type { PeerAddress, TransportKey } from '@mycelium/protocol';
import { routeKey } from '@mycelium/protocol';
import type { Link } from '../ports/transport.ts';
import type { PeerView } from './agent.ts';
import { serveLink, type LinkServing, type ServedLink } from './serve-link.ts';

export class IncomingLinks {
  readonly #links = new Set<ServedLink>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  accept(serving: LinkServing, link: Link): void {
    const served: ServedLink = serveLink(serving, link, () => {
      this.#links.delete(served);
      this.#changed();
    });
    this.#links.add(served);
    this.#changed();
  }

  views(): readonly PeerView[] {
    return [...this.#links].map(({ link }) => ({
      peer: { key: link.remoteKey },
      state: 'connected',
      path: link.path,
      rttMs: undefined,
      note: 'it connected to us',
      direction: 'in',
    }));
  }

  stop(): void {
    for (const served of Array.from(this.#links)) served.stop();
  }
}

/** A transport key as a key of maps. */
export function peerKey(key: TransportKey | PeerAddress): string {
  const bytes = key instanceof Uint8Array ? key : key.key;
  return routeKey(bytes, 0) + routeKey(bytes, 16);
}
