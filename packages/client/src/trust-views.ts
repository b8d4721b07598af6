/** What the person sees of verification and vouches (spec/trust.md), and what they do about it. */

/** What the other one has shown or said: digits, words, or the text of a verify code. */
export interface Shown {
  readonly kind: 'number' | 'words' | 'code';
  readonly text: string;
}

/** Drawn from an account key: an aid for the eye, never a proof. */
export interface PictureView {
  /** `rust, 5 threads, 2 rings` */
  readonly name: string;
  /** `#RRGGBB`, of the disc in the middle: the four characters in the middle of the two lines in the middle. */
  readonly colour: string;
  readonly svg: string;
  /** Lines of braille characters, for a terminal. */
  readonly art: readonly string[];
}

/** Everything that two people can compare; `words` and `safetyNumber` are the same on both sides. */
export interface VerificationView {
  readonly address: string;
  readonly safetyNumber: string;
  readonly words: string;
  /** `mycelium:verify/…`: for them to scan. */
  readonly code: string;
  /** Of their account key, and of ours as they should see it. */
  readonly picture: PictureView;
  readonly ownPicture: PictureView;
}

/** Somebody's word for a contact. */
export interface VoucherView {
  readonly address: string;
  /** Who vouches for the voucher, where the person has not verified them. */
  readonly through: string | undefined;
  readonly issued: number;
  readonly expires: number;
  /** By whom the person verified, or as far as they chose to let it count. */
  readonly counts: boolean;
}

export interface VouchView {
  readonly from: string;
  readonly about: string;
  readonly to: readonly string[];
  readonly state: 'given' | 'revoked' | 'expired';
  readonly issued: number;
  /** 0: revoked. */
  readonly expires: number;
}

export interface VouchesView {
  /** 0: nobody's word counts; 1: of whom the person verified; 2: also of whom those vouch for. */
  readonly depth: 0 | 1 | 2;
  readonly given: readonly VouchView[];
  /** Whose word for the person stands in their claims. */
  readonly shown: string | undefined;
  /** For the person, by contacts. */
  readonly received: readonly VouchView[];
}

export interface ClientTrust {
  /** What to compare with them. */
  verification(address: string): VerificationView;
  /** Signs for a contact whom the person verified. `to`: who is told; only they themselves unless told. Answers who was told. */
  vouch(wish: {
    readonly address: string;
    readonly to?: readonly string[] | 'all';
    readonly lifeMs?: number;
  }): Promise<readonly string[]>;
  /** Takes it back from everybody who was told. Answers who was told. */
  revokeVouch(address: string): Promise<readonly string[]>;
  vouches(): VouchesView;
  setVouchDepth(depth: 0 | 1 | 2): Promise<void>;
  /** Whose word for this account stands in its claims, for strangers who look it up; undefined: nobody's. */
  showVouch(from: string | undefined): Promise<void>;
}
