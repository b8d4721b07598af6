/**
 * Verify codes: `mycelium:verify/…`, what one person shows as a QR code and the other scans (spec/trust.md, "Verify codes").
 * It says how its writer sees both accounts, so that one scan compares both directions.
 *
 * | field | size |
 * |---|---|
 * | version | u8, 1 |
 * | writer | 32: half of the writer's account |
 * | reader | 32: half of the account of whom it is shown to |
 * | checksum | 4: SHA-256 of "mycelium verify 1", zero byte, everything before |
 */
import { bytesEqual, concatBytes } from '../bytes/compare.ts';
import { decode } from '../bytes/reader.ts';
import { ByteWriter, encodeUtf8 } from '../bytes/writer.ts';
import { identityVersion } from '../codes.ts';
import { refuse, type Result } from '../errors.ts';
import { verifyCodeTextMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import { formatBase64Url, parseBase64Url } from './base64url.ts';
import { accountHalf, type AccountIdentity } from './safety-number.ts';

export interface VerifyCode {
  readonly writer: Uint8Array;
  readonly reader: Uint8Array;
}

/** What a code that was scanned says to who scanned it. Only `same` verifies. */
export type VerifyComparison =
  | 'same'
  /** The writer has another account than we have for them. */
  | 'writer-differs'
  /** The writer has another account for us than ours. */
  | 'reader-differs'
  /** It is our own code, for them to scan. */
  | 'own'
  /** Neither account is of these two. */
  | 'others';

const where = 'verify-code';
const scheme = 'mycelium:verify/';
const codeBytes = 69;
const checksumBytes = 4;

/** `own` shows it to `contact`. */
export function formatVerifyCode(
  primitives: Primitives,
  own: AccountIdentity,
  contact: AccountIdentity,
): string {
  const covered = new ByteWriter(codeBytes - checksumBytes)
    .u8(identityVersion)
    .bytes(accountHalf(primitives, own), 32)
    .bytes(accountHalf(primitives, contact), 32)
    .finish();
  return scheme + formatBase64Url(concatBytes(covered, checksum(primitives, covered)));
}

/** As a scanner or a person gives it: white space and another case of the scheme are taken. */
export function parseVerifyCode(primitives: Primitives, input: string): Result<VerifyCode> {
  if (input.length > verifyCodeTextMax)
    return refuse('length', where, `is at most ${verifyCodeTextMax} characters`);
  const found = /^mycelium:(?:\/\/)?verify\/(.*)$/iu.exec(input.replace(/\s+/gu, ''));
  if (found === null) return refuse('scheme', where, `begins with ${scheme}`);
  const bytes = parseBase64Url(found[1] ?? '');
  if (bytes === undefined)
    return refuse('text', where, 'is complete and has only letters, digits, "-" and "_" after the scheme');
  if (bytes.length > 0 && bytes[0] !== identityVersion)
    return refuse('version', `${where}.version`, 'is of version 1');
  if (bytes.length !== codeBytes)
    return refuse(
      bytes.length < codeBytes ? 'truncated' : 'trailing',
      where,
      `has ${codeBytes} bytes and not ${bytes.length}`,
    );
  const covered = bytes.subarray(0, codeBytes - checksumBytes);
  if (!bytesEqual(checksum(primitives, covered), bytes.subarray(covered.length)))
    return refuse('checksum', `${where}.checksum`, 'is as it was made: some character has changed');
  return decode(covered.subarray(1), where, (reader) => ({
    writer: reader.bytes('writer', 32),
    reader: reader.bytes('reader', 32),
  }));
}

/** Held by `own` against what it knows of `contact`, who shows the code. */
export function compareVerifyCode(
  primitives: Primitives,
  code: VerifyCode,
  own: AccountIdentity,
  contact: AccountIdentity,
): VerifyComparison {
  const ours = accountHalf(primitives, own);
  const theirs = accountHalf(primitives, contact);
  const isTheirs = bytesEqual(code.writer, theirs);
  const isForUs = bytesEqual(code.reader, ours);
  if (isTheirs && isForUs) return 'same';
  if (isForUs) return 'writer-differs';
  if (isTheirs) return 'reader-differs';
  return bytesEqual(code.writer, ours) ? 'own' : 'others';
}

function checksum(primitives: Primitives, covered: Uint8Array): Uint8Array {
  return primitives
    .sha256(encodeUtf8('mycelium verify 1'), Uint8Array.of(0), covered)
    .subarray(0, checksumBytes);
}
