/**
 * Who serves a link that somebody else opened (spec/mail.md, "Serving"). The machine of `protocol/src/mail` says what it
 * needs; a backend performs it: the relay host for all queues of its store, the mail agent for appends to queues that it
 * follows. `combineBackends` lets both share one link.
 */
import type { ServerEffect, ServerInput, TransportKey } from '@mycelium/protocol';

/** What a backend is asked for; the rest is the link's. */
export type BackendEffect = Extract<
  ServerEffect,
  {
    readonly kind:
      'open' | 'append' | 'look-up' | 'watch' | 'unwatch' | 'read' | 'trim' | 'report' | 'seek' | 'publish';
  }
>;

export interface ServedConnection {
  readonly peerKey: TransportKey;
  /** Whom to charge, as links tell it (`Link.source`). */
  readonly source: string | undefined;
  /** Answers go here, at any time, also from within `perform`; after the end of the connection they are dropped. */
  give(input: ServerInput): void;
}

export interface ServingSession {
  /** Takes effect in the order of the calls; answered when done. */
  perform(effect: BackendEffect): void;
  /** The connection is over. What was asked for may be finished, nobody hears the answer. */
  end(): void;
}

export interface ServingBackend {
  begin(connection: ServedConnection): ServingSession;
}
