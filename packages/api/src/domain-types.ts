/** Domains, and what they say about accounts, as they travel over the local API. */

/** What the domain of the own address says about this account. */
export interface Proof {
  readonly address: string;
  readonly until?: number | undefined;
  readonly serial?: number | undefined;
}

/** A domain whose proofs were met here. `offeredKey`: it publishes another key than the one that is believed. */
export interface Domain {
  readonly domain: string;
  readonly key?: string | undefined;
  readonly offeredKey?: string | undefined;
  readonly publishes: 'unknown' | 'key' | 'another-key' | 'nothing' | 'self';
  /** When it answered last. */
  readonly answered?: number | undefined;
  readonly note: string;
  readonly revoked: number;
  readonly contacts: number;
}

/** What the world sees of a domain now, and of the address in it that was asked for. */
export interface DomainCheck {
  readonly domain: string;
  readonly answer: 'record' | 'nothing' | 'failed' | 'self';
  readonly note: string;
  readonly key?: string | undefined;
  readonly revoked: number;
  readonly relays: readonly string[];
  readonly directory: readonly string[];
  readonly known?: Domain | undefined;
  readonly accounts: readonly CheckedAccount[];
}

export interface CheckedAccount {
  readonly address: string;
  readonly fingerprint: string;
  readonly from: 'you' | 'contact' | 'directory';
  /** The domain proves it now. */
  readonly holds: boolean;
  readonly until?: number | undefined;
  readonly note: string;
}
