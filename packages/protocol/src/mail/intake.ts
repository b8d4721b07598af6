/**
 * `intake` (28): a frame that anybody may append to an intake queue (spec/mail.md, "Intake"). It is stored and
 * pushed whole, exactly as it came. What is sealed in it, and how parts of one introduction join, is spec/membership.md.
 *
 * | at | size | field |
 * |---|---|---|
 * | 32 | 8 | stamp time, ms since 1970 |
 * | 40 | 8 | stamp nonce |
 * | 48 | 2 | sealed length |
 * | 50 | n | sealed: HPKE enc ‖ ciphertext |
 *
 * The request id is random: `stored` answers with it.
 */
import { controlFrameTypes } from '../codes.ts';
import type { Result } from '../errors.ts';
import { intakeSealedMax } from '../limits.ts';
import { type ControlHeader, decodeControl, encodeControl, largeControlBytes } from './control-header.ts';

export interface Intake extends ControlHeader {
  readonly kind: 'intake';
  readonly stampTimeMs: number;
  readonly stampNonce: bigint;
  readonly sealed: Uint8Array;
}

const layout = { type: controlFrameTypes.intake, name: 'intake', size: largeControlBytes };

export function encodeIntake(intake: Omit<Intake, 'kind'>): Uint8Array {
  return encodeControl(layout, intake, (writer) => {
    writer.count(intake.stampTimeMs).u64(intake.stampNonce).vector16(intake.sealed);
  });
}

export function decodeIntake(frame: Uint8Array): Result<Intake> {
  return decodeControl(layout, frame, (reader) => {
    const intake = {
      kind: 'intake' as const,
      stampTimeMs: reader.count('stamp time'),
      stampNonce: reader.u64('stamp nonce'),
      sealed: reader.vector16('sealed', intakeSealedMax),
    };
    if (intake.sealed.length === 0) reader.refuse('sealed', 'length', 'is not empty');
    return intake;
  });
}
