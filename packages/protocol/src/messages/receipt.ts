/**
 * Kind 2, receipt (spec/messages.md): "of these feeds I have on disk everything up to this sequence". Cumulative, so
 * a lost or repeated one does no harm. A message of this kind asks for no receipt.
 */
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { Result } from '../errors.ts';
import { feedTagBytes } from './content.ts';
import { receiptFeedsMax } from '../limits.ts';

export const receiptStates = { delivered: 1, read: 2 } as const;

export interface Receipt {
  readonly state: 'delivered' | 'read';
  readonly feeds: readonly { readonly feedTag: Uint8Array; readonly upTo: number }[];
}

export function encodeReceipt(receipt: Receipt): Uint8Array {
  const writer = new ByteWriter(64).u8(receiptStates[receipt.state]).u8(receipt.feeds.length);
  for (const feed of receipt.feeds) writer.bytes(feed.feedTag, feedTagBytes).u32(feed.upTo);
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
    const feeds: { feedTag: Uint8Array; upTo: number }[] = [];
    for (let at = 0; at < count; at += 1) {
      feeds.push({ feedTag: reader.bytes('feed.tag', feedTagBytes), upTo: reader.u32('feed.up-to') });
    }
    return { state: state === receiptStates.read ? 'read' : 'delivered', feeds };
  });
}
