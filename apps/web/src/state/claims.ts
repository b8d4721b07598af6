/** Accounts that claim one address, for the person to decide between (spec/identity.md, "Contested addresses"). Pure. */
import type { Contact, HeldTexts, Rival } from '@mycelium/api';

export interface Claim {
  readonly fingerprint: string;
  /** `known`: the account that the contact has been until now. */
  readonly seenIn: 'known' | Rival['seenIn'];
  readonly since: number | undefined;
}

/** The known one first; without those that the person has turned down. One alone: there is nothing to decide. */
export function claimsOf({ fingerprint, rivals }: Contact): readonly Claim[] {
  const open = rivals.filter(({ turnedDown }) => !turnedDown);
  return [{ fingerprint, seenIn: 'known', since: undefined }, ...open];
}

/** Texts go to the account that they were written to; to another one only when the person says so. */
export function heldUnlessTold({ fingerprint }: Contact, chosen: string | undefined): HeldTexts {
  return chosen === fingerprint ? 'send' : 'drop';
}
