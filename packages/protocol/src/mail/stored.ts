/**
 * `stored` (23): the answer to an appended frame or intake frame once it is on disk (spec/mail.md, "Append").
 * The request id is bytes 20-31 of the frame that it answers.
 */
import { controlFrameTypes } from '../codes.ts';
import type { Result } from '../errors.ts';
import { type ControlHeader, decodeControl, encodeControl, smallControlBytes } from './control-header.ts';

export interface Stored extends ControlHeader {
  readonly kind: 'stored';
  readonly index: number;
  /** Wall time of the server at which it may forget the frame. */
  readonly expiresMs: number;
}

const layout = { type: controlFrameTypes.stored, name: 'stored', size: smallControlBytes };

export function encodeStored(stored: Omit<Stored, 'kind'>): Uint8Array {
  return encodeControl(layout, stored, (writer) => writer.count(stored.index).count(stored.expiresMs));
}

export function decodeStored(frame: Uint8Array): Result<Stored> {
  return decodeControl(layout, frame, (reader) => ({
    kind: 'stored' as const,
    index: reader.count('index'),
    expiresMs: reader.count('expires'),
  }));
}
