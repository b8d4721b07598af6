/** Links that others opened, while they last: for the view of peers, and to stop them. */
import type { TransportKey } from '@mycelium/protocol';
import type { Link } from '../ports/transport.ts';
import type { PeerView } from './agent.ts';
import { peerKey } from './peer-key.ts';
import { serveLink, type LinkServing, type ServedLink } from './serve-link.ts';

export interface IncomingBounds {
  readonly linksMax: number;
  readonly linksPerKeyMax: number;
}

export class IncomingLinks {
  /** Oldest first. */
  readonly #links = new Set<ServedLink>();
  readonly #bounds: IncomingBounds;
  readonly #changed: () => void;

  constructor(bounds: IncomingBounds, changed: () => void) {
    this.#bounds = bounds;
    this.#changed = changed;
  }

  /** `known`: of peers that we need ourselves; a flood of strangers does not push them out. */
  accept(serving: LinkServing, link: Link, known: (key: TransportKey) => boolean): void {
    if (!this.#makeRoom(link, known)) return link.close();
    const served: ServedLink = serveLink(serving, link, () => {
      this.#links.delete(served);
      this.#changed();
    });
    this.#links.add(served);
    this.#changed();
  }

  /** Of one key the oldest goes: the peer has long forgotten it. In all, the oldest of a stranger. */
  #makeRoom(link: Link, known: (key: TransportKey) => boolean): boolean {
    const key = peerKey(link.remoteKey);
    const same = [...this.#links].filter((served) => peerKey(served.link.remoteKey) === key);
    if (same.length >= this.#bounds.linksPerKeyMax) same[0]?.stop();
    if (this.#links.size < this.#bounds.linksMax) return true;
    const stranger = [...this.#links].find((served) => !known(served.link.remoteKey));
    stranger?.stop();
    return stranger !== undefined;
  }

  views(): readonly PeerView[] {
    return [...this.#links].map(({ link }) => ({
      peer: { key: link.remoteKey },
      state: 'connected',
      path: link.path,
      rttMs: undefined,
      note: 'it connected to us',
      direction: 'in',
      paths: [],
    }));
  }

  stop(): void {
    for (const served of Array.from(this.#links)) served.stop();
  }
}
