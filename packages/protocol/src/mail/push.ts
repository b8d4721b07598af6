/**
 * `push` (25): frames of a queue (spec/mail.md, "Push"). `count` stored frames, mail or intake, follow it raw on the
 * stream, with consecutive indices from `firstIndex` on. The request id is zero for a subscription, or the fetch's.
 */
import { controlFrameTypes } from '../codes.ts';
import type { Result } from '../errors.ts';
import { pushFramesMax } from '../limits.ts';
import { type ControlHeader, decodeControl, encodeControl, smallControlBytes } from './control-header.ts';

export interface Push extends ControlHeader {
  readonly kind: 'push';
  /** Index of the first frame that follows; where there is none, where the next one would be looked for. */
  readonly firstIndex: number;
  /** Lowest index that the server still has. */
  readonly availableFirst: number;
  /** The index that the queue's next frame gets. */
  readonly next: number;
  /** How many frames follow. */
  readonly count: number;
}

const layout = { type: controlFrameTypes.push, name: 'push', size: smallControlBytes };

export function encodePush(push: Omit<Push, 'kind'>): Uint8Array {
  return encodeControl(layout, push, (writer) => {
    writer.count(push.firstIndex).count(push.availableFirst).count(push.next).u16(push.count);
  });
}

export function decodePush(frame: Uint8Array): Result<Push> {
  return decodeControl(layout, frame, (reader) => {
    const push = {
      kind: 'push' as const,
      firstIndex: reader.count('first index'),
      availableFirst: reader.count('available first'),
      next: reader.count('next'),
      count: reader.u16('count'),
    };
    if (push.count > pushFramesMax) reader.refuse('count', 'length', `is at most ${pushFramesMax}`);
    if (push.availableFirst > push.next) reader.refuse('available first', 'range', 'is not above next');
    if (push.count > 0 && push.firstIndex + push.count > push.next) {
      reader.refuse('count', 'range', 'leads no further than next');
    }
    return push;
  });
}
