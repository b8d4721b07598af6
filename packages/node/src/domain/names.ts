/** A resolver of names, whichever it is: the machine's, one that the person named, or one over HTTPS. */
import type { Cancellation } from '@mycelium/runtime';

export interface Names {
  /** For sentences: `the resolver of this machine`. */
  readonly called: string;
  /** All TXT records of a name, each with its character-strings joined. Undefined `texts`: there are none. */
  texts(name: string, cancellation?: Cancellation): Promise<NamedTexts>;
  /** IPv4 and IPv6 addresses of a host. */
  addresses(host: string, cancellation?: Cancellation): Promise<readonly string[]>;
}

export interface NamedTexts {
  readonly texts: readonly string[];
  /** Undefined: the resolver does not tell. */
  readonly ttlMs: number | undefined;
}

/** The resolver could not be asked or could not find out. The message is a phrase for people. */
export class ResolverError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ResolverError';
  }
}
