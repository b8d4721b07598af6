/** Invite links of ours as the person sees them (spec/identity.md, "Invites"). */

/** A link of ours, and what is left of it: only an open one lets somebody in without asking. */
export interface CameBy {
  readonly invite: string;
  readonly label: string | undefined;
  readonly state: InviteState;
}

export type InviteState = 'open' | 'used-up' | 'expired' | 'revoked';

export interface InviteView {
  readonly id: string;
  readonly link: string;
  readonly label: string | undefined;
  readonly usesLeft: number | undefined;
  readonly expires: number | undefined;
  /** Undefined: by an older version. */
  readonly made: number | undefined;
  /** Only an open one lets somebody in without asking. */
  readonly state: InviteState;
  /** How many people came by it. */
  readonly used: number;
  /** Those of them whom this version has seen come. */
  readonly guests: readonly { readonly address: string; readonly time: number }[];
}

export interface InviteWish {
  /** People; one unless told. */
  readonly uses?: number;
  /** How long from now on; for ever unless told. */
  readonly expiresMs?: number;
  readonly label?: string;
}
