/** The keys that an account has had, oldest first: each rotation is signed by the one before (spec/identity.md, "Account log"). */
import type { AccountKey } from '../brands.ts';
import { unwrap } from '../errors.ts';
import { decodeAccountEntry } from './account-entry.ts';

/** `log`: encoded entries that `replayAccountLog` has taken. */
export function accountKeysOf(log: readonly Uint8Array[]): readonly AccountKey[] {
  return log.flatMap((entry) => {
    const { op } = unwrap(decodeAccountEntry(entry));
    return op.kind === 'create' || op.kind === 'rotate-account-key' ? [op.accountKey] : [];
  });
}
