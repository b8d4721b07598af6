/**
 * The mail stream cut into frames (spec/mail.md, "Stream"): a pure reader that is fed chunks of any size.
 *
 * It knows that a `push` is followed by `count` raw frames, and hands over both together. Frames are views of the
 * chunk that was fed: who keeps one beyond the chunk's life copies it. Nothing after a refusal is read: the stream has
 * no way to find the next frame.
 */
import { concatBytes } from '../bytes/compare.ts';
import { controlFrameTypes } from '../codes.ts';
import type { Refusal, Result } from '../errors.ts';
import {
  frameIncomplete,
  frameRefusalAt,
  frameRefused,
  frameSizeAt,
  isMailFrameAt,
} from '../frames/header.ts';
import { frameBytesMax } from '../frames/layout.ts';
import { type ControlFrame, decodeControlFrame } from './control-frame.ts';
import type { Push } from './push.ts';

export type MailItem =
  /** Types 1 to 4: an append. Its route is at 4, its request id at 20. */
  | { readonly kind: 'mail'; readonly frame: Uint8Array }
  /** Everything else but pushes, with its bytes. */
  | { readonly kind: 'control'; readonly control: Exclude<ControlFrame, Push>; readonly frame: Uint8Array }
  | { readonly kind: 'push'; readonly push: Push; readonly frames: readonly Uint8Array[] };

export interface MailStream {
  /** Bytes of a frame that has not come whole: fewer than 4,096. */
  readonly rest: Uint8Array;
  /** A push whose frames are still coming. */
  readonly push: { readonly head: Push; readonly frames: readonly Uint8Array[] } | undefined;
}

export interface MailRead {
  readonly stream: MailStream;
  readonly items: readonly MailItem[];
  /** Set when the stream is broken; `items` are those before. */
  readonly refusal: Refusal | undefined;
}

export const emptyMailStream: MailStream = { rest: new Uint8Array(0), push: undefined };

/** A push on its way, its frames in a list that grows. */
interface OpenPush {
  readonly head: Push;
  readonly frames: Uint8Array[];
}

export function readMailStream(stream: MailStream, chunk: Uint8Array): MailRead {
  const reading: Reading = {
    items: [],
    push: stream.push && { head: stream.push.head, frames: [...stream.push.frames] },
  };
  const { items } = reading;
  let at = 0;
  if (stream.rest.length > 0) {
    // Only the frame that was cut is put together; those behind it are views of the chunk.
    const bytes = concatBytes(stream.rest, chunk.subarray(0, frameBytesMax - stream.rest.length));
    const size = wholeFrameAt(bytes, 0);
    if (size === frameIncomplete) return { stream: { ...stream, rest: bytes }, items, refusal: undefined };
    const refusal = takeFrame(reading, bytes, 0, size);
    if (refusal !== undefined) return { stream: emptyMailStream, items, refusal };
    at = size - stream.rest.length;
  }
  for (let size = wholeFrameAt(chunk, at); size !== frameIncomplete; size = wholeFrameAt(chunk, at)) {
    const refusal = takeFrame(reading, chunk, at, size);
    if (refusal !== undefined) return { stream: emptyMailStream, items, refusal };
    at += size;
  }
  const { push } = reading;
  return { stream: { rest: chunk.slice(at), push: push && ownFrames(push) }, items, refusal: undefined };
}

interface Reading {
  readonly items: MailItem[];
  push: OpenPush | undefined;
}

/** `frameIncomplete` also when the first bytes are there and not all of the frame. */
function wholeFrameAt(bytes: Uint8Array, at: number): number {
  const size = frameSizeAt(bytes, at);
  return bytes.length - at < size ? frameIncomplete : size;
}

function takeFrame(reading: Reading, bytes: Uint8Array, at: number, size: number): Refusal | undefined {
  if (size === frameRefused) return frameRefusalAt(bytes, at);
  const frame = bytes.subarray(at, at + size);
  if (reading.push === undefined && isMailFrameAt(bytes, at)) {
    reading.items.push({ kind: 'mail', frame });
    return undefined;
  }
  if (reading.push === undefined) {
    const item = readControl(frame);
    if (!item.ok) return item.refusal;
    if (item.value.kind === 'push') reading.push = { head: item.value.push, frames: [] };
    else reading.items.push(item.value);
  } else {
    const refusal = takePushed(reading.push, frame);
    if (refusal !== undefined) return refusal;
  }
  const { push } = reading;
  if (push !== undefined && push.frames.length === push.head.count) {
    reading.items.push({ kind: 'push', push: push.head, frames: push.frames });
    reading.push = undefined;
  }
  return undefined;
}

/** Frames of a push that goes on in another chunk are copied: the chunk's memory is its sender's. */
function ownFrames(push: OpenPush): OpenPush {
  return {
    head: push.head,
    frames: push.frames.map((frame) =>
      frame.byteLength === frame.buffer.byteLength ? frame : frame.slice(),
    ),
  };
}

function takePushed(push: OpenPush, frame: Uint8Array): Refusal | undefined {
  if (!isMailFrameAt(frame, 0) && frame[0] !== controlFrameTypes.intake) {
    return { code: 'pushed', where: 'push.frames', rule: 'are mail or intake frames' };
  }
  const { route } = push.head;
  for (let index = 0; index < route.length; index += 1) {
    if (frame[4 + index] !== route[index])
      return { code: 'route', where: 'push.frames', rule: "have the push's route" };
  }
  push.frames.push(frame);
  return undefined;
}

function readControl(frame: Uint8Array): Result<MailItem> {
  const control = decodeControlFrame(frame);
  if (!control.ok) return control;
  const { value } = control;
  if (value.kind === 'push') return { ok: true, value: { kind: 'push', push: value, frames: [] } };
  return { ok: true, value: { kind: 'control', control: value, frame } };
}
