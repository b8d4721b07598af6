/** `trim` (27): the owner says that every reader has confirmed all below an index; answered by `done` (spec/mail.md, "Trim"). */
import { controlFrameTypes } from '../codes.ts';
import type { Result } from '../errors.ts';
import { type ControlHeader, decodeControl, encodeControl, smallControlBytes } from './control-header.ts';

export interface Trim extends ControlHeader {
  readonly kind: 'trim';
  /** Exclusive. */
  readonly upTo: number;
}

const layout = { type: controlFrameTypes.trim, name: 'trim', size: smallControlBytes };

export function encodeTrim(trim: Omit<Trim, 'kind'>): Uint8Array {
  return encodeControl(layout, trim, (writer) => writer.count(trim.upTo));
}

export function decodeTrim(frame: Uint8Array): Result<Trim> {
  return decodeControl(layout, frame, (reader) => ({ kind: 'trim' as const, upTo: reader.count('up to') }));
}
