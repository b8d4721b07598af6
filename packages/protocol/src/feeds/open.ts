/**
 * Frames of a feed opened, many in one call (spec/feeds.md, "Reading"). Nothing changes for a frame until it has proved
 * authentic: a refusal leaves the reader as it was, so that a forged generation costs bounded work and nothing else.
 */
import { mailFrameTypes } from '../codes.ts';
import { accept, assert, refuse, type Refusal, type Result } from '../errors.ts';
import { associatedAt, checkFrame, frameSizeAt, generationAt, isRouteAt, nonceAt } from '../frames/header.ts';
import { frameOffsets, tagBytes } from '../frames/layout.ts';
import { contentStart, readSealedHeader, type SealedHeader } from '../frames/sealed-header.ts';
import { generationJumpMax, skippedKeyLifeMs, skippedKeysMax } from '../limits.ts';
import type { FrameCipher, Primitives } from '../primitives.ts';
import { skipChain, stepChain } from './chain.ts';
import type { FeedReader, ReaderChange } from './reader.ts';
import {
  findSkippedKey,
  type SkippedKey,
  withoutExpiredKeys,
  withoutSkippedKey,
  withSkippedKeys,
} from './skipped-keys.ts';

export interface OpenedFrame extends SealedHeader {
  readonly generation: number;
  readonly content: Uint8Array;
}

export interface Opened extends ReaderChange {
  readonly opened: OpenedFrame;
}

/** The reader after all of them. Who wants the one after the first few opens those again, from the same reader. */
export interface OpenedFrames extends ReaderChange {
  /** One for each frame, in order: as if each had been opened alone. */
  readonly results: readonly Result<OpenedFrame>[];
}

/** Refusals: those of the layout, `route`, `replayed` (used, or its key expired), `jump`, `seal`, and those of the sealed header. */
export function openFrames(
  reader: FeedReader,
  frames: readonly Uint8Array[],
  nowMs: number,
  primitives: Primitives,
): OpenedFrames {
  const opening: Opening = { frames, results: [], nowMs, primitives };
  let now = reader;
  while (opening.results.length < frames.length) {
    const next = openNext(now, opening);
    if (now !== reader) primitives.wipe(...secretsGone(now, next, reader));
    now = next;
  }
  return { reader: now, results: opening.results, retired: secretsGone(reader, now, now) };
}

/** One frame: a run of its own. */
export function openFrame(
  reader: FeedReader,
  frame: Uint8Array,
  nowMs: number,
  primitives: Primitives,
): Result<Opened> {
  const { reader: next, results, retired } = openFrames(reader, [frame], nowMs, primitives);
  const [result] = results;
  assert(result !== undefined, 'there is a result for each frame');
  return result.ok ? accept({ reader: next, opened: result.value, retired }) : result;
}

interface Opening {
  readonly frames: readonly Uint8Array[];
  readonly results: Result<OpenedFrame>[];
  readonly nowMs: number;
  readonly primitives: Primitives;
}

/** What `before` had and neither of the others has. */
function secretsGone(before: FeedReader, after: FeedReader, spared: FeedReader): readonly Uint8Array[] {
  const gone: Uint8Array[] = [];
  if (before.chainKey !== after.chainKey && before.chainKey !== spared.chainKey) gone.push(before.chainKey);
  if (before.skipped !== after.skipped && before.skipped !== spared.skipped) gone.push(before.skipped);
  return gone;
}

/** The next frame without a result, and those behind it whose generations follow. At least one more has a result then. */
function openNext(reader: FeedReader, opening: Opening): FeedReader {
  const { frames, results } = opening;
  const frame = frames[results.length] ?? new Uint8Array(0);
  const refusal = headerRefusal(reader, frame);
  if (refusal !== undefined) {
    results.push({ ok: false, refusal });
    return reader;
  }
  return generationAt(frame, 0) < reader.generation
    ? openSkipped(reader, frame, opening)
    : openRun(reader, opening);
}

/** What is judged before anything is computed. */
function headerRefusal(reader: FeedReader, frame: Uint8Array): Refusal | undefined {
  if (frameSizeAt(frame, 0) !== frame.length) {
    const checked = checkFrame(frame);
    if (!checked.ok) return checked.refusal;
  }
  if ((frame[0] ?? 0) > mailFrameTypes.long) {
    return { code: 'type', where: 'frame.type', rule: 'is short, medium or long in a feed' };
  }
  if (!isRouteAt(frame, 0, reader.route)) {
    return { code: 'route', where: 'frame.route', rule: "is the feed's" };
  }
  if (generationAt(frame, 0) - reader.generation > generationJumpMax) {
    const rule = `is at most ${generationJumpMax} further than the last`;
    return { code: 'jump', where: 'frame.generation', rule };
  }
  return undefined;
}

function openSkipped(reader: FeedReader, frame: Uint8Array, opening: Opening): FeedReader {
  const { results, nowMs, primitives } = opening;
  const generation = generationAt(frame, 0);
  const kept = withoutExpiredKeys(reader.skipped, nowMs);
  const key = findSkippedKey(kept, generation);
  if (key === undefined) {
    if (kept !== reader.skipped) primitives.wipe(kept);
    results.push(refuse('replayed', 'frame.generation', 'has not been used, and its key not expired'));
    return reader;
  }
  const { memory } = primitives.frames;
  memory.set(frame);
  const sealed = memory.subarray(frameOffsets.sealed, frame.length);
  const plain = sealed.subarray(0, -tagBytes);
  const [associated, nonce] = [associatedAt(memory, 0), nonceAt(memory, 0)];
  const authentic = primitives.open(plain, sealed, associated, nonce, key);
  const result = authentic ? openedAt(primitives.frames, 0) : wrongSeal();
  memory.fill(0, 0, frame.length);
  results.push(result);
  const next = result.ok ? { ...reader, skipped: withoutSkippedKey(kept, generation) } : reader;
  primitives.wipe(key);
  if (kept !== reader.skipped) primitives.wipe(kept);
  return next;
}

/** From the first of them on, which may be further than the reader: then keys are left out on the way. */
function openRun(reader: FeedReader, opening: Opening): FeedReader {
  const { frames, results, nowMs, primitives } = opening;
  const { memory, open } = primitives.frames;
  const generation = generationAt(frames[results.length] ?? new Uint8Array(0), 0);
  const ahead = keyAhead(reader, generation, nowMs, primitives);
  const chainKey = ahead.chainKey.slice();
  const end = putRun(reader, generation, opening);
  const { taken, refused } = readRun(open(chainKey, end), end, opening);
  memory.fill(0, 0, end);
  // The cipher went past a frame that is authentic and refused for what is in it: back to the last that was taken.
  if (refused) chainKey.set(skipChain(ahead.chainKey, taken, primitives));
  const skipped = taken === 0 ? reader.skipped : skippedAfter(reader, ahead.skipped, nowMs, primitives);
  primitives.wipe(ahead.chainKey, ...ahead.skipped.map(({ key }) => key));
  if (taken > 0) return { ...reader, chainKey, generation: generation + taken, skipped };
  primitives.wipe(chainKey);
  return reader;
}

interface Ahead {
  /** Makes the key of the generation in question; a copy. */
  readonly chainKey: Uint8Array;
  readonly skipped: readonly SkippedKey[];
}

/** Steps the chain to `generation`; of the keys on the way, the last `skippedKeysMax` are kept. */
function keyAhead(reader: FeedReader, generation: number, nowMs: number, primitives: Primitives): Ahead {
  const first = Math.max(reader.generation, generation - skippedKeysMax);
  let chainKey = skipChain(reader.chainKey, first - reader.generation, primitives);
  const deadlineMs = nowMs + skippedKeyLifeMs;
  const skipped: SkippedKey[] = [];
  for (let at = first; at < generation; at += 1) {
    const step = stepChain(chainKey, primitives);
    primitives.wipe(chainKey);
    ({ chainKey } = step);
    skipped.push({ generation: at, deadlineMs, key: step.messageKey });
  }
  return { chainKey, skipped };
}

function skippedAfter(
  reader: FeedReader,
  added: readonly SkippedKey[],
  nowMs: number,
  primitives: Primitives,
): Uint8Array {
  const kept = withoutExpiredKeys(reader.skipped, nowMs);
  if (added.length === 0) return kept;
  const skipped = withSkippedKeys(kept, added);
  if (kept !== reader.skipped) primitives.wipe(kept);
  return skipped;
}

/** Copies frames of `generation`, the next, and so on into the cipher's memory, as far as they go. Answers where they end. */
function putRun(reader: FeedReader, generation: number, { frames, results, primitives }: Opening): number {
  const { memory } = primitives.frames;
  const first = results.length;
  let end = 0;
  for (let at = first; at < frames.length; at += 1) {
    const frame = frames[at] ?? new Uint8Array(0);
    if (end + frame.length > memory.length) break;
    // The first has been judged already.
    if (
      at > first &&
      (headerRefusal(reader, frame) !== undefined || generationAt(frame, 0) !== generation + at - first)
    )
      break;
    memory.set(frame, end);
    end += frame.length;
  }
  return end;
}

/** Results of what the cipher opened, and of the frame where it stopped; up to the first that is refused. */
function readRun(
  stopped: number,
  end: number,
  { results, primitives }: Opening,
): { readonly taken: number; readonly refused: boolean } {
  const cipher = primitives.frames;
  let taken = 0;
  for (let at = 0; at < stopped; at += frameSizeAt(cipher.memory, at)) {
    const result = openedAt(cipher, at);
    results.push(result);
    if (!result.ok) return { taken, refused: true };
    taken += 1;
  }
  if (stopped < end) results.push(wrongSeal());
  return { taken, refused: false };
}

function wrongSeal(): Result<never> {
  return refuse('seal', 'frame.seal', "opens under the feed's key");
}

/** What the opened frame at `at` says; its content copied. */
function openedAt({ memory, view }: FrameCipher, at: number): Result<OpenedFrame> {
  const type = memory[at] ?? 0;
  const sealed = at + frameOffsets.sealed;
  const header = readSealedHeader(type, view, sealed);
  if (!header.ok) return header;
  const start = sealed + contentStart(type);
  const content = memory.slice(start, start + header.value.contentLength);
  return accept({ ...header.value, generation: generationAt(memory, at), content });
}
