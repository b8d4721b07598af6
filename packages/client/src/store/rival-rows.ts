/** What speaks against the account of a contact, as its row keeps it. */
import type { AccountHead, AccountId } from '@mycelium/protocol';

/** Another account that calls itself by the address of a contact. */
export interface RivalRow {
  readonly accountId: AccountId;
  /** `earlier`: a contact of ours who had the address and has moved away from it. */
  readonly seenIn: 'introduction' | 'directory' | 'earlier';
  readonly sinceMs: number;
  /** The person has decided against it. */
  readonly turnedDown: boolean;
  /** The proof that it showed, when it was one. */
  readonly domainProof?: Uint8Array;
}

/** Something that another contact has seen of its account and that does not fit what is known here. */
export interface DoubtRow {
  /** Address of who says so. */
  readonly by: string;
  readonly kind: 'split-view' | 'rollback';
  readonly text: string;
  readonly sinceMs: number;
  /** The entry that is missing here; the doubt ends when it comes. */
  readonly head?: AccountHead;
}
