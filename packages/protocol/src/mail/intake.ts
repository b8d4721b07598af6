/**
 * `intake` (28): a frame that anybody may append to an intake queue (spec/mail.md, "Intake"). It is stored and
 * pushed whole, exactly as it came. What is sealed in it, and how parts of one introduction join, is spec/membership.md.
 *
 * | at | size | field |
 * |---|---|---|
 * | 32 | 8 | time, ms since 1970 |
 * | 40 | 8 | stamp nonce, or token id |
 * | 48 | 2 | sealed length; bit 15: a token instead of a stamp |
 * | 50 | n | sealed: HPKE enc ‖ ciphertext |
 *
 * The request id is random, or the token's authenticator: `stored` answers with it.
 */
import { controlFrameTypes } from '../codes.ts';
import type { Result } from '../errors.ts';
import { intakeSealedMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import {
  type ControlHeader,
  decodeControl,
  encodeControl,
  largeControlBytes,
  noRequest,
  requestIdAt,
} from './control-header.ts';
import { intakeAuthenticator, intakeTokenIdBytes, type IntakeTokenKeys } from './intake-token.ts';

export interface Intake extends ControlHeader {
  readonly kind: 'intake';
  readonly stampTimeMs: number;
  /** Zero with a token. */
  readonly stampNonce: bigint;
  /** 8 bytes. Left out: stamped. */
  readonly tokenId?: Uint8Array;
  readonly sealed: Uint8Array;
}

const layout = { type: controlFrameTypes.intake, name: 'intake', size: largeControlBytes };
const withToken = 0x8000;
const tokenIdAt = 40;
const flagsAt = 49;

export function encodeIntake(intake: Omit<Intake, 'kind'>): Uint8Array {
  const { stampTimeMs, stampNonce, tokenId, sealed } = intake;
  return encodeControl(layout, intake, (writer) => {
    writer.count(stampTimeMs);
    if (tokenId === undefined) writer.u64(stampNonce).vector16(sealed);
    else
      writer
        .bytes(tokenId, intakeTokenIdBytes)
        .u16(sealed.length | withToken)
        .bytes(sealed);
  });
}

/** A frame ready to send to the relay that the keys are for. */
export function encodeTokenIntake(
  primitives: Pick<Primitives, 'hmacSha256'>,
  token: IntakeTokenKeys,
  intake: { readonly route: Uint8Array; readonly timeMs: number; readonly sealed: Uint8Array },
): Uint8Array {
  const { route, timeMs, sealed } = intake;
  const unproved = { route, requestId: noRequest, stampTimeMs: timeMs, stampNonce: 0n, tokenId: token.id };
  const frame = encodeIntake({ ...unproved, sealed });
  frame.set(intakeAuthenticator(primitives, token.key, frame), requestIdAt);
  return frame;
}

/** 8 bytes, a view of a whole intake frame. Undefined: it has a stamp. */
export function tokenIdOf(frame: Uint8Array): Uint8Array | undefined {
  if (((frame[flagsAt] ?? 0) & (withToken >> 8)) === 0) return undefined;
  return frame.subarray(tokenIdAt, tokenIdAt + intakeTokenIdBytes);
}

export function decodeIntake(frame: Uint8Array): Result<Intake> {
  return decodeControl(layout, frame, (reader) => {
    const stampTimeMs = reader.count('stamp time');
    const pass =
      tokenIdOf(frame) === undefined
        ? { stampNonce: reader.u64('stamp nonce') }
        : { stampNonce: 0n, tokenId: reader.bytes('token id', intakeTokenIdBytes) };
    const length = reader.u16('sealed') & ~withToken;
    if (length > intakeSealedMax) reader.refuse('sealed', 'length', `is at most ${intakeSealedMax} bytes`);
    if (length === 0) reader.refuse('sealed', 'length', 'is not empty');
    return { kind: 'intake' as const, stampTimeMs, ...pass, sealed: reader.bytes('sealed', length) };
  });
}
