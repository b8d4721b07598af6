/** What a person sees of domains and of proofs by them (spec/domain.md). Times are ms since 1970. */

/** A domain whose proofs were met here. */
export interface DomainView {
  readonly domain: string;
  /** The key that is believed; undefined: none was seen yet. */
  readonly key: string | undefined;
  /** Another one that it publishes now: nothing by it is believed until the person decides. */
  readonly offeredKey: string | undefined;
  readonly publishes: 'unknown' | 'key' | 'another-key' | 'nothing' | 'self';
  /** When it answered last. */
  readonly answered: number | undefined;
  readonly note: string;
  /** Proofs that it has revoked and that have not run out. */
  readonly revoked: number;
  readonly contacts: number;
}

/** What the world sees of a domain, and of an address in it. */
export interface DomainCheck {
  readonly domain: string;
  readonly answer: 'record' | 'nothing' | 'failed' | 'self';
  /** Who answered, or why nobody could be asked. */
  readonly note: string;
  /** What it publishes now. */
  readonly key: string | undefined;
  readonly revoked: number;
  readonly relays: readonly string[];
  readonly directory: readonly string[];
  /** What is known here from before. */
  readonly known: DomainView | undefined;
  /** Accounts that say to be the address: this one, a contact, and what the directory has. */
  readonly accounts: readonly CheckedAccount[];
}

export interface CheckedAccount {
  readonly address: string;
  readonly fingerprint: string;
  readonly from: 'you' | 'contact' | 'directory';
  readonly holds: boolean;
  readonly until: number | undefined;
  /** Why, as a sentence. */
  readonly note: string;
}

export interface ClientDomains {
  /** Takes the proof of the own address; empty text: shows none any more. */
  prove(text: string): Promise<ProofView>;
  proof(): ProofView;
  known(): readonly DomainView[];
  /** Asks now. `of`: an address, or a domain alone. */
  check(of: string): Promise<DomainCheck>;
  /** Takes the other key that a domain has now. `key` says which, so that nobody is hurried into another one. */
  trust(domain: string, key: string): Promise<DomainView>;
}

/** What the domain of the own address says about this account. */
export interface ProofView {
  readonly address: string;
  /** ms since 1970; undefined: there is no proof. */
  readonly until: number | undefined;
  readonly serial: number | undefined;
}
