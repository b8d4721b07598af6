/**
 * The mail stream cut into frames (spec/mail.md, "Stream"): a pure reader that is fed chunks of any size.
 *
 * It knows that a `push` is followed by `count` raw frames, and hands over both together. Frames are views of the
 * chunk that was fed: who keeps one beyond the chunk's life copies it. Nothing after a refusal is read: the stream has
 * no way to find the next frame.
 */
import { concatBytes } from '../bytes/compare.ts';
import { controlFrameTypes, mailFrameTypes, wireVersion } from '../codes.ts';
import { refuse, type Refusal, type Result } from '../errors.ts';
import { type ControlFrame, controlFrameBytes, decodeControlFrame } from './control-frame.ts';
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

const mailSizes = new Map<number, number>([
  [mailFrameTypes.short, 128],
  [mailFrameTypes.medium, 512],
  [mailFrameTypes.long, 2048],
  [mailFrameTypes.chunk, 4096],
]);

export function isMailFrameType(type: number): boolean {
  return mailSizes.has(type);
}

export const emptyMailStream: MailStream = { rest: new Uint8Array(0), push: undefined };

/** Size of the frame whose first four bytes are at `at`: type, version and length have to agree. */
function frameBytes(bytes: Uint8Array, at: number): Result<number> {
  const type = bytes[at] ?? 0;
  const size = mailSizes.get(type) ?? controlFrameBytes(type);
  if (size === undefined) return refuse('type', 'frame.type', 'is one of the mail protocol');
  if (((bytes[at + 1] ?? 0) & 0x0f) !== wireVersion)
    return refuse('version', 'frame.version', `is ${wireVersion}`);
  const length = (bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8);
  if (length !== size - 4) return refuse('length', 'frame.length', `is ${size - 4} for type ${type}`);
  return { ok: true, value: size };
}

/** A push on its way, its frames in a list that grows. */
interface OpenPush {
  readonly head: Push;
  readonly frames: Uint8Array[];
}

export function readMailStream(stream: MailStream, chunk: Uint8Array): MailRead {
  const joined = stream.rest.length > 0;
  const bytes = joined ? concatBytes(stream.rest, chunk) : chunk;
  const items: MailItem[] = [];
  let push: OpenPush | undefined = stream.push && { head: stream.push.head, frames: [...stream.push.frames] };
  let at = 0;
  while (bytes.length - at >= 4) {
    const size = frameBytes(bytes, at);
    if (!size.ok) return { stream: emptyMailStream, items, refusal: size.refusal };
    if (bytes.length - at < size.value) break;
    const frame = bytes.subarray(at, at + size.value);
    at += size.value;
    const refusal = push === undefined ? undefined : takePushed(push, frame);
    if (refusal !== undefined) return { stream: emptyMailStream, items, refusal };
    if (push === undefined) {
      const item = readItem(frame);
      if (!item.ok) return { stream: emptyMailStream, items, refusal: item.refusal };
      if (item.value.kind === 'push') push = { head: item.value.push, frames: [] };
      else items.push(item.value);
    }
    if (push !== undefined && push.frames.length === push.head.count) {
      items.push({ kind: 'push', push: push.head, frames: push.frames });
      push = undefined;
    }
  }
  return { stream: { rest: bytes.slice(at), push: push && ownFrames(push) }, items, refusal: undefined };
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
  const type = frame[0] ?? 0;
  if (!isMailFrameType(type) && type !== controlFrameTypes.intake) {
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

function readItem(frame: Uint8Array): Result<MailItem> {
  if (isMailFrameType(frame[0] ?? 0)) return { ok: true, value: { kind: 'mail', frame } };
  const control = decodeControlFrame(frame);
  if (!control.ok) return control;
  const { value } = control;
  if (value.kind === 'push') return { ok: true, value: { kind: 'push', push: value, frames: [] } };
  return { ok: true, value: { kind: 'control', control: value, frame } };
}
