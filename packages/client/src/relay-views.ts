/** Relays of the account as the person sees them (spec/mail-clients.md, "Choice of relays"). */

/** A relay of the account, or one that could become one. */
export interface RelayView {
  readonly address: string;
  readonly use: 'account' | 'spare';
  /** The person chose it. */
  readonly named: boolean;
  /** `refuses`: it is there and takes none of our queues. `unknown`: not looked at yet. */
  readonly state: 'there' | 'away' | 'refuses' | 'unknown';
  /** Since when it is so, as far as it was seen. */
  readonly since?: number;
  readonly rttMs?: number;
  /** How full it says to be. */
  readonly loadPercent?: number;
  /** Who named it, and what is remarkable. */
  readonly note: string;
}
