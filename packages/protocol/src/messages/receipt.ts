/**
 * Kind 2, receipt (spec/messages.md): "of these feeds I have on disk everything up to this sequence". Cumulative, so
 * a lost or repeated one does no harm. A message of this kind asks for no receipt.
 */
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { Result } from '../errors.ts';
import { feedTagBytes } from './content.ts';
import { receiptFeedsMax } from '../limits.ts';

export const receiptStates = { delivered: 1, read: 2, lost: 3 } as const;

const stateNames: ReadonlyMap<number, Receipt['state']> = new Map([
  [receiptStates.delivered, 'delivered'],
  [receiptStates.read, 'read'],
  [receiptStates.lost, 'lost'],
]);

export interface Receipt {
  /** `lost`: what was not confirmed before will not come any more, nobody has it. */
  readonly state: keyof typeof receiptStates;
  readonly feeds: readonly { readonly feedTag: Uint8Array; readonly upTo: number }[];
}

export function encodeReceipt(receipt: Receipt): Uint8Array {
  const writer = new ByteWriter(64).u8(receiptStates[receipt.state]).u8(receipt.feeds.length);
  for (const feed of receipt.feeds) writer.bytes(feed.feedTag, feedTagBytes).u32(feed.upTo);
  return writer.finish();
}

export function decodeReceipt(body: Uint8Array): Result<Receipt> {
  return decode(body, 'receipt', (reader) => {
    const state =
      stateNames.get(reader.u8('state')) ??
      reader.refuse('state', 'unknown', 'is 1 (delivered), 2 (read) or 3 (lost)');
    const count = reader.u8('feeds');
    if (count === 0 || count > receiptFeedsMax)
      reader.refuse('feeds', 'length', `has 1 to ${receiptFeedsMax} elements`);
    const feeds: { feedTag: Uint8Array; upTo: number }[] = [];
    for (let at = 0; at < count; at += 1) {
      feeds.push({ feedTag: reader.bytes('feed.tag', feedTagBytes), upTo: reader.u32('feed.up-to') });
    }
    return { state, feeds };
  });
}
