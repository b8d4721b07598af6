/**
 * A frame of a feed opened (spec/feeds.md, "Reading"). Nothing changes until the frame has proved authentic: a refusal
 * leaves the reader as it was, so that a forged generation costs bounded work and nothing else.
 */
import { bytesEqual } from '../bytes/compare.ts';
import { mailFrameTypes } from '../codes.ts';
import { accept, refuse, type Result } from '../errors.ts';
import { checkFrame, generationAt, routeAt } from '../frames/header.ts';
import { contentStart, readSealedHeader, type SealedHeader } from '../frames/sealed-header.ts';
import { generationJumpMax, skippedKeyLifeMs, skippedKeysMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import { skipChain, stepChain } from './chain.ts';
import type { FeedReader, ReaderChange } from './reader.ts';
import {
  findSkippedKey,
  type SkippedKey,
  withoutExpiredKeys,
  withoutSkippedKey,
  withSkippedKeys,
} from './skipped-keys.ts';
import { workFrame } from './work-frame.ts';

export interface OpenedFrame extends SealedHeader {
  readonly generation: number;
  readonly content: Uint8Array;
}

export interface Opened extends ReaderChange {
  readonly opened: OpenedFrame;
}

/** Refusals: those of the layout, `route`, `replayed` (used, or its key expired), `jump`, `seal`, and those of the sealed header. */
export function openFrame(
  reader: FeedReader,
  frame: Uint8Array,
  nowMs: number,
  primitives: Primitives,
): Result<Opened> {
  const checked = checkFrame(frame);
  if (!checked.ok) return checked;
  const type = frame[0] ?? 0;
  if (type > mailFrameTypes.long) return refuse('type', 'frame.type', 'is short, medium or long in a feed');
  if (!bytesEqual(routeAt(frame, 0), reader.route)) return refuse('route', 'frame.route', "is the feed's");
  const generation = generationAt(frame, 0);
  if (generation < reader.generation) return openSkipped(reader, frame, nowMs, primitives);
  if (generation - reader.generation > generationJumpMax) {
    return refuse('jump', 'frame.generation', `is at most ${generationJumpMax} further than the last`);
  }
  const ahead = keyAhead(reader, generation, nowMs, primitives);
  const opened = unseal(frame, ahead.messageKey, primitives);
  if (!opened.ok) {
    primitives.wipe(ahead.chainKey, ...ahead.skipped.map(({ key }) => key));
    return opened;
  }
  const kept = withoutExpiredKeys(reader.skipped, nowMs);
  const skipped = ahead.skipped.length === 0 ? kept : withSkippedKeys(kept, ahead.skipped);
  primitives.wipe(...ahead.skipped.map(({ key }) => key));
  const retired = skipped === reader.skipped ? [reader.chainKey] : [reader.chainKey, reader.skipped, kept];
  const next = { ...reader, chainKey: ahead.chainKey, generation: generation + 1, skipped };
  return accept({
    reader: next,
    opened: opened.value,
    retired: retired.filter((bytes) => bytes !== skipped),
  });
}

interface Ahead {
  readonly messageKey: Uint8Array;
  readonly chainKey: Uint8Array;
  readonly skipped: readonly SkippedKey[];
}

/** Steps the chain to `generation`; of the keys on the way, the last `skippedKeysMax` are kept. */
function keyAhead(reader: FeedReader, generation: number, nowMs: number, primitives: Primitives): Ahead {
  const first = Math.max(reader.generation, generation - skippedKeysMax);
  let { chainKey } = reader;
  if (first > reader.generation) chainKey = skipChain(chainKey, first - reader.generation, primitives);
  const deadlineMs = nowMs + skippedKeyLifeMs;
  const skipped: SkippedKey[] = [];
  for (let at = first; ; at += 1) {
    const step = stepChain(chainKey, primitives);
    if (chainKey !== reader.chainKey) primitives.wipe(chainKey);
    chainKey = step.chainKey;
    if (at === generation) return { messageKey: step.messageKey, chainKey, skipped };
    skipped.push({ generation: at, deadlineMs, key: step.messageKey });
  }
}

function openSkipped(
  reader: FeedReader,
  frame: Uint8Array,
  nowMs: number,
  primitives: Primitives,
): Result<Opened> {
  const generation = generationAt(frame, 0);
  const kept = withoutExpiredKeys(reader.skipped, nowMs);
  const key = findSkippedKey(kept, generation);
  if (key === undefined) {
    return refuse('replayed', 'frame.generation', 'has not been used, and its key not expired');
  }
  const opened = unseal(frame, key, primitives);
  if (!opened.ok) return opened;
  const next = { ...reader, skipped: withoutSkippedKey(kept, generation) };
  return accept({ reader: next, opened: opened.value, retired: [reader.skipped, kept] });
}

/** Opened in place in a copy, of which only the content is kept. Wipes the key, whatever comes of it. */
function unseal(frame: Uint8Array, messageKey: Uint8Array, primitives: Primitives): Result<OpenedFrame> {
  const type = frame[0] ?? 0;
  const { frame: copy, plain, sealed, associated, nonce } = workFrame(type);
  copy.set(frame);
  const authentic = primitives.open(plain, sealed, associated, nonce, messageKey);
  primitives.wipe(messageKey);
  const header = authentic
    ? readSealedHeader(type, plain)
    : refuse('seal', 'frame.seal', "opens under the feed's key");
  const opened = header.ok ? openedFrame(frame, header.value, plain) : header;
  copy.fill(0);
  return opened;
}

function openedFrame(frame: Uint8Array, header: SealedHeader, plain: Uint8Array): Result<OpenedFrame> {
  const start = contentStart(frame[0] ?? 0);
  const content = plain.slice(start, start + header.contentLength);
  return accept({ ...header, generation: generationAt(frame, 0), content });
}
