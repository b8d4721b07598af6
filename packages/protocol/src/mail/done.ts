/** `done` (31): the answer to subscribe, unsubscribe and trim: where the queue stands (spec/mail.md, "Done"). */
import { controlFrameTypes } from '../codes.ts';
import type { Result } from '../errors.ts';
import { type ControlHeader, decodeControl, encodeControl, smallControlBytes } from './control-header.ts';

export interface Done extends ControlHeader {
  readonly kind: 'done';
  readonly first: number;
  readonly next: number;
}

const layout = { type: controlFrameTypes.done, name: 'done', size: smallControlBytes };

export function encodeDone(done: Omit<Done, 'kind'>): Uint8Array {
  return encodeControl(layout, done, (writer) => writer.count(done.first).count(done.next));
}

export function decodeDone(frame: Uint8Array): Result<Done> {
  return decodeControl(layout, frame, (reader) => {
    const done = { kind: 'done' as const, first: reader.count('first'), next: reader.count('next') };
    if (done.first > done.next) reader.refuse('first', 'range', 'is not above next');
    return done;
  });
}
