/**
 * One entry of an account log: its bytes, its hash and its signatures (spec/identity.md, "Account log"). Whether the
 * operation is allowed where it stands is account-log.ts.
 *
 * | field | size |
 * |---|---|
 * | version | u8, 1 |
 * | account | 32, zero in `create` |
 * | sequence | u64 |
 * | previous | 32: hash of the entry before, zero in `create` |
 * | time | u64, ms: the signer's clock, not relied on |
 * | op | u8 and body |
 * | signature | 64, by the account key that the entries before give; `create`: by its own |
 * | second signature | 64, `rotate-account-key` only: by the new key |
 */
import { decode } from '../bytes/reader.ts';
import { ByteWriter, encodeUtf8 } from '../bytes/writer.ts';
import { concatBytes } from '../bytes/compare.ts';
import type { AccountId, AccountKey } from '../brands.ts';
import { identityVersion } from '../codes.ts';
import { refuse, type Result } from '../errors.ts';
import { accountEntryBytesMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import { readAccountOp, writeAccountOp, type AccountOp } from './account-op.ts';
import { sign, verifySignature } from './signed.ts';

/** What an entry says, before it is signed. */
export interface AccountStatement {
  /** Zero in `create`: the account id is the hash of that very entry. */
  readonly account: AccountId;
  readonly sequence: number;
  readonly previous: Uint8Array;
  readonly timeMs: number;
  readonly op: AccountOp;
}

export interface AccountEntry extends AccountStatement {
  readonly signature: Uint8Array;
  /** By the new key: `rotate-account-key` only. */
  readonly newKeySignature: Uint8Array | undefined;
  /** The bytes that the signatures cover. */
  readonly signed: Uint8Array;
}

export function decodeAccountEntry(bytes: Uint8Array): Result<AccountEntry> {
  if (bytes.length > accountEntryBytesMax) {
    return refuse('length', 'account-entry', `is at most ${accountEntryBytesMax} bytes`);
  }
  return decode(bytes, 'account-entry', (reader) => {
    if (reader.u8('version') !== identityVersion) reader.refuse('version', 'version', 'is 1');
    const account = reader.bytes('account', 32) as AccountId;
    const sequence = reader.count('sequence');
    const previous = reader.bytes('previous', 32);
    const timeMs = reader.count('time');
    const op = readAccountOp(reader);
    const signed = bytes.slice(0, bytes.length - reader.left);
    const signature = reader.bytes('signature', 64);
    const newKeySignature =
      op.kind === 'rotate-account-key' ? reader.bytes('new-key-signature', 64) : undefined;
    return { account, sequence, previous, timeMs, op, signed, signature, newKeySignature };
  });
}

/** Signs a statement. `newSeed`: the new account key's, for `rotate-account-key`. */
export function signAccountEntry(
  primitives: Primitives,
  statement: AccountStatement,
  seed: Uint8Array,
  newSeed?: Uint8Array,
): Uint8Array {
  const signed = encodeStatement(statement);
  const signature = sign(primitives, { context: 'mycelium account entry 1', seed }, signed);
  if (newSeed === undefined) return concatBytes(signed, signature);
  const second = sign(primitives, { context: 'mycelium account rotation 1', seed: newSeed }, signed);
  return concatBytes(signed, signature, second);
}

/** True when `key`, and in a rotation the new key, signed the entry. */
export function entryIsSignedBy(primitives: Primitives, entry: AccountEntry, key: AccountKey): boolean {
  const first = { context: 'mycelium account entry 1', publicKey: key } as const;
  if (!verifySignature(primitives, first, entry.signed, entry.signature)) return false;
  if (entry.op.kind !== 'rotate-account-key') return true;
  const second = { context: 'mycelium account rotation 1', publicKey: entry.op.accountKey } as const;
  return verifySignature(primitives, second, entry.signed, entry.newKeySignature ?? new Uint8Array());
}

/** Hash of an encoded entry, signatures included: `previous` of the next one; of `create`, the account id. */
export function accountEntryHash(primitives: Primitives, entry: Uint8Array): Uint8Array {
  return primitives.sha256(encodeUtf8('mycelium account hash 1'), Uint8Array.of(0), entry);
}

function encodeStatement(statement: AccountStatement): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(identityVersion).bytes(statement.account, 32).count(statement.sequence);
  writer.bytes(statement.previous, 32).count(statement.timeMs);
  writeAccountOp(writer, statement.op);
  return writer.finish();
}
