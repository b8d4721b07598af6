/**
 * `error` (32): the answer to a request that was refused, or the last word before a connection is closed
 * (spec/mail.md, "Errors"). A number from one table; everything about authentication is the same number.
 */
import { controlFrameTypes, mailErrorCodes, type MailErrorName } from '../codes.ts';
import type { Result } from '../errors.ts';
import { stampDifficultyMax } from '../limits.ts';
import { type ControlHeader, decodeControl, encodeControl, smallControlBytes } from './control-header.ts';

export interface MailError extends ControlHeader {
  readonly kind: 'error';
  /** Undefined for a number that this version does not know: to be treated as `failed`. */
  readonly name: MailErrorName | undefined;
  /** The same request may be tried again after this. Zero: no advice. */
  readonly retryAfterMs: number;
  /** Of `stamp`: bits that would do. Zero: no word on that. */
  readonly difficulty: number;
}

const layout = { type: controlFrameTypes.error, name: 'error', size: smallControlBytes };
const namesByCode = new Map<number, MailErrorName>(
  Object.entries(mailErrorCodes).map(([name, code]) => [code, name as MailErrorName]),
);

export function encodeMailError(
  error: ControlHeader & {
    readonly name: MailErrorName;
    readonly retryAfterMs: number;
    readonly difficulty?: number;
  },
): Uint8Array {
  return encodeControl(layout, error, (writer) => {
    writer
      .u16(mailErrorCodes[error.name])
      .u32(error.retryAfterMs)
      .u8(error.difficulty ?? 0);
  });
}

export function decodeMailError(frame: Uint8Array): Result<MailError> {
  return decodeControl(layout, frame, (reader) => {
    const code = reader.u16('code');
    if (code === 0) reader.refuse('code', 'range', 'is not zero');
    const name = namesByCode.get(code);
    const retryAfterMs = reader.u32('retry after');
    const difficulty = reader.u8('difficulty');
    if (difficulty > stampDifficultyMax)
      reader.refuse('difficulty', 'range', `is at most ${stampDifficultyMax}`);
    if (difficulty > 0 && name !== 'stamp')
      reader.refuse('difficulty', 'reserved', 'is zero but with code stamp');
    return { kind: 'error' as const, name, retryAfterMs, difficulty };
  });
}
