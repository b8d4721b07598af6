/** What travels over the local API of verification and vouches (spec/trust.md). */

/** Somebody's word for a contact. */
export interface Voucher {
  readonly address: string;
  /** Who vouches for the voucher, where they are not verified themselves. */
  readonly through?: string | undefined;
  readonly issued: number;
  readonly expires: number;
  readonly counts: boolean;
}

/** Drawn from an account key: an aid for the eye, never a proof. */
export interface Picture {
  readonly name: string;
  /** `#RRGGBB`, of the disc in the middle. */
  readonly colour: string;
  readonly svg: string;
  /** Lines of braille characters. */
  readonly art: readonly string[];
}

/** Everything that two people can compare. */
export interface Verification {
  readonly address: string;
  readonly safetyNumber: string;
  readonly words: string;
  /** What a QR code for them holds. */
  readonly code: string;
  /** Of their account key, and of ours as they should see it. */
  readonly picture: Picture;
  readonly ownPicture: Picture;
}

export interface Vouch {
  readonly from: string;
  readonly about: string;
  readonly to: readonly string[];
  readonly state: 'given' | 'revoked' | 'expired';
  readonly issued: number;
  /** 0: revoked. */
  readonly expires: number;
}

export type VouchDepth = 0 | 1 | 2;

export interface Vouches {
  readonly depth: VouchDepth;
  /** Whose word for this account strangers see who look it up. */
  readonly shown?: string | undefined;
  readonly given: readonly Vouch[];
  readonly received: readonly Vouch[];
}
