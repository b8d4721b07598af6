/**
 * Kind 2, receipt (spec/messages.md): "of these feeds I have on disk everything up to this sequence, but for what is
 * lost". Cumulative, so a lost or repeated one does no harm. A message of this kind asks for no receipt.
 */
import type { Route } from '../brands.ts';
import { decode, type ByteReader } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { Result } from '../errors.ts';
import { feedTagBytes } from './content.ts';
import { receiptFeedsMax, receiptLossesMax } from '../limits.ts';

export const receiptStates = { delivered: 1, read: 2 } as const;

/** Messages that never came and that nobody has any more: every sequence from `first` to and with `last`. */
export interface LostRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Frames of one queue that nobody has any more, with nothing behind them yet that would tell which messages they
 * were: all below this index that the reader has not confirmed.
 */
export interface SkippedFrames {
  readonly route: Route;
  readonly below: number;
}

export interface ReceiptFeed {
  readonly feedTag: Uint8Array;
  readonly upTo: number;
  /**
   * From the sealed header of message `upTo`: a place alone does not say which of two selves of a device spoke there.
   * Zero when that message is lost.
   */
  readonly timeNs: bigint;
  /** Ascending, with something between them. */
  readonly lost: readonly LostRange[];
  readonly skipped: SkippedFrames | undefined;
}

export interface Receipt {
  readonly state: 'delivered' | 'read';
  readonly feeds: readonly ReceiptFeed[];
}

export function encodeReceipt(receipt: Receipt): Uint8Array {
  const writer = new ByteWriter(64).u8(receiptStates[receipt.state]).u8(receipt.feeds.length);
  for (const { feedTag, upTo, timeNs, lost, skipped } of receipt.feeds) {
    writer.bytes(feedTag, feedTagBytes).u32(upTo).u64(timeNs).u8(lost.length);
    for (const { first, last } of lost) writer.u32(first).u32(last);
    writer.u8(skipped === undefined ? 0 : 1);
    if (skipped !== undefined) writer.bytes(skipped.route, 16).count(skipped.below);
  }
  return writer.finish();
}

export function decodeReceipt(body: Uint8Array): Result<Receipt> {
  return decode(body, 'receipt', (reader) => {
    const state = reader.u8('state');
    if (state !== receiptStates.delivered && state !== receiptStates.read) {
      reader.refuse('state', 'unknown', 'is 1 (delivered) or 2 (read)');
    }
    const count = reader.u8('feeds');
    if (count === 0 || count > receiptFeedsMax)
      reader.refuse('feeds', 'length', `has 1 to ${receiptFeedsMax} elements`);
    const feeds: ReceiptFeed[] = [];
    for (let at = 0; at < count; at += 1) {
      const feedTag = reader.bytes('feed.tag', feedTagBytes);
      const upTo = reader.u32('feed.up-to');
      const timeNs = reader.u64('feed.time');
      feeds.push({ feedTag, upTo, timeNs, lost: readLost(reader, upTo), skipped: readSkipped(reader) });
    }
    return { state: state === receiptStates.read ? 'read' : 'delivered', feeds };
  });
}

function readLost(reader: ByteReader, upTo: number): readonly LostRange[] {
  const count = reader.u8('feed.lost');
  if (count > receiptLossesMax)
    reader.refuse('feed.lost', 'length', `has at most ${receiptLossesMax} elements`);
  const lost: LostRange[] = [];
  for (let at = 0; at < count; at += 1) {
    const first = reader.u32('lost.first');
    const last = reader.u32('lost.last');
    const before = lost.at(-1)?.last;
    if (first > last) reader.refuse('lost.last', 'range', 'is not below its first');
    if (last > upTo) reader.refuse('lost.last', 'range', 'is not above what is confirmed');
    if (before !== undefined && first <= before + 1)
      reader.refuse('lost.first', 'order', 'is above the range before, with something between');
    lost.push({ first, last });
  }
  return lost;
}

function readSkipped(reader: ByteReader): SkippedFrames | undefined {
  const present = reader.u8('feed.skipped');
  if (present > 1) reader.refuse('feed.skipped', 'unknown', 'is 0 or 1');
  if (present === 0) return undefined;
  return { route: reader.bytes('skipped.route', 16) as Route, below: reader.count('skipped.below') };
}
