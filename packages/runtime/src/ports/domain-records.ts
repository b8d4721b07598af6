/** What domains publish about themselves, as their readers see it (spec/domain.md, "Looking up"). Nothing is judged here. */
import type { Cancellation } from './cancellation.ts';

export interface DomainRecords {
  /**
   * Asks for the record of a canonical domain. Never rejects and never asks for domains under `.mycelium`. `web`: the
   * domain's web server may be asked where DNS has none, and learns who asks.
   */
  lookUp(domain: string, wish: DomainWish): Promise<DomainAnswer>;
}

export interface DomainWish {
  readonly web: boolean;
  readonly cancellation?: Cancellation | undefined;
}

/** `ttlMs`: how long the answer says that it holds; undefined where it does not. `from`: who said it, for people. */
export type DomainAnswer =
  /** All TXT records at the name, each with its character-strings joined. */
  | {
      readonly kind: 'texts';
      readonly texts: readonly string[];
      readonly ttlMs: number | undefined;
      readonly from: string;
    }
  | {
      readonly kind: 'file';
      readonly text: string;
      readonly ttlMs: number | undefined;
      readonly from: string;
    }
  /** It was asked, and there is nothing. */
  | { readonly kind: 'none'; readonly ttlMs: number | undefined; readonly from: string }
  /** Nobody could be asked. `reason`: a phrase for people. */
  | { readonly kind: 'failed'; readonly reason: string };
