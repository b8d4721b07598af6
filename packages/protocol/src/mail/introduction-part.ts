/**
 * The plaintext of an intake frame (spec/mail.md, "What is sealed"): one part of an introduction, padded so that all
 * sealed parts have one length. Sealed with HPKE to the device's intake key, with the queue's
 * route as associated data.
 */
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { Result } from '../errors.ts';
import { introductionPartsMax, introductionPieceMax, introductionPlainBytes } from '../limits.ts';

export interface IntroductionPart {
  /** 16 random bytes, the same in all parts. */
  readonly introductionId: Uint8Array;
  /** 0 to `parts` − 1. */
  readonly part: number;
  readonly parts: number;
  /** Up to `introductionPieceMax` bytes of the introduction. */
  readonly piece: Uint8Array;
}

/** HPKE associated data: the route, so that what is sealed for one queue opens in no other. */
export function intakeAssociated(route: Uint8Array): Uint8Array {
  return route;
}

export function encodeIntroductionPart(part: IntroductionPart): Uint8Array {
  const writer = new ByteWriter(introductionPlainBytes).bytes(part.introductionId, 16);
  return writer.u8(part.part).u8(part.parts).vector16(part.piece).padTo(introductionPlainBytes).finish();
}

export function decodeIntroductionPart(plaintext: Uint8Array): Result<IntroductionPart> {
  return decode(plaintext, 'introduction part', (reader) => {
    const introductionId = reader.bytes('introduction id', 16);
    const part = reader.u8('part');
    const parts = reader.u8('parts');
    if (parts === 0 || parts > introductionPartsMax) {
      reader.refuse('parts', 'range', `is 1 to ${introductionPartsMax}`);
    }
    if (part >= parts) reader.refuse('part', 'range', 'is below parts');
    const piece = reader.vector16('piece', introductionPieceMax);
    if (plaintext.length !== introductionPlainBytes) {
      reader.refuse('length', 'length', `is ${introductionPlainBytes} bytes`);
    }
    reader.zeros('padding');
    return { introductionId, part, parts, piece };
  });
}
