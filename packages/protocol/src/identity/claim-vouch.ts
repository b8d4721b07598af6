/**
 * A vouch in a claim (spec/trust.md, "In claims"): what the claim does not say already. Address, account and key are those of
 * the claim, and with them it is the very statement that the voucher signed.
 *
 * | field | size |
 * |---|---|
 * | version | u8, 1 |
 * | voucher | 32: account id |
 * | issued, expires | u64, u64, ms |
 * | signature | 64, of the vouch |
 */
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { AccountId } from '../brands.ts';
import { identityVersion } from '../codes.ts';
import { accept, type Result } from '../errors.ts';
import type { AccountIdentity } from './safety-number.ts';
import { vouchStatement, type Vouch } from './vouch.ts';

const bytesInClaim = 113;
const signatureBytes = 64;

/** `statement`: as `signVouch` made it of `vouch`. */
export function claimVouchOf(vouch: Vouch, statement: Uint8Array): Uint8Array {
  return new ByteWriter(bytesInClaim)
    .u8(identityVersion)
    .bytes(vouch.voucher, 32)
    .count(vouch.issuedMs)
    .count(vouch.expiresMs)
    .bytes(statement.subarray(-signatureBytes), signatureBytes)
    .finish();
}

/** Who says to have signed, and the statement to verify. `subject`: of the claim. */
export function readClaimVouch(
  bytes: Uint8Array,
  subject: AccountIdentity & { readonly address: string },
): Result<{ readonly voucher: AccountId; readonly statement: Uint8Array }> {
  const { address, accountId, accountKey } = subject;
  const decoded = decode(bytes, 'claim-vouch', (reader) => {
    if (reader.u8('version') !== identityVersion) reader.refuse('version', 'version', 'is 1');
    const voucher = reader.bytes('voucher', 32) as AccountId;
    const [issuedMs, expiresMs] = [reader.count('issued'), reader.count('expires')];
    const vouch: Vouch = { kind: 'vouch', voucher, address, accountId, accountKey, issuedMs, expiresMs };
    return { vouch, signature: reader.bytes('signature', signatureBytes) };
  });
  if (!decoded.ok) return decoded;
  const { vouch, signature } = decoded.value;
  return accept({ voucher: vouch.voucher, statement: vouchStatement(vouch, signature) });
}
