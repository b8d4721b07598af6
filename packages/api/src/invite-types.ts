/** Invite links as they travel over the local API. */

/** Only an open link lets somebody in without asking. */
export type InviteState = 'open' | 'used-up' | 'expired' | 'revoked';

export interface CameBy {
  readonly invite: string;
  readonly label?: string | undefined;
  readonly state: InviteState;
}

export interface Invite {
  readonly id: string;
  readonly link: string;
  readonly label?: string | undefined;
  readonly usesLeft?: number | undefined;
  readonly expires?: number | undefined;
  readonly made?: number | undefined;
  readonly state: InviteState;
  /** How many people came by it. */
  readonly used: number;
  /** Those of them whom this version has seen come. */
  readonly guests: readonly { readonly address: string; readonly time: number }[];
}
