/** The account's own log as the person sees it (spec/identity.md, "Account log"). */

/** The account log in words. */
export interface AccountLogView {
  readonly address: string;
  readonly fingerprint: string;
  readonly formerAddresses: readonly string[];
  readonly head: { readonly sequence: number; readonly hash: string };
  readonly entries: readonly { readonly sequence: number; readonly time: number; readonly text: string }[];
  readonly devices: readonly DeviceView[];
  /** False: the account has new words that this device was not given; it cannot change the log. */
  readonly hasKey: boolean;
}

export interface DeviceView {
  readonly name: string;
  /** In hexadecimal. */
  readonly key: string;
  readonly own: boolean;
  readonly state: 'live' | 'expired' | 'revoked';
  /** Undefined: never. */
  readonly expires: number | undefined;
}
