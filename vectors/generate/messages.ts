// vectors/messages.json: what is inside the frames of a feed (spec/messages.md).
import {
  decodeContent,
  decodeReceipt,
  decodeText,
  encodeContent,
  encodeReceipt,
  encodeText,
  messageIdOf,
  messageKinds,
  unwrap,
  type FeedId,
  type LostRange,
  type MessageContent,
  type Receipt,
  type Route,
} from '@mycelium/protocol';
import { primitives } from '../../packages/protocol/test/identity/people.ts';
import { plain, refusalOf } from './form/plain.ts';

const fill = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const feedId = fill(32, 5) as FeedId;
const body = unwrap(encodeText('Grüße 🍄'));

const contents: readonly { readonly about: string; readonly content: MessageContent }[] = [
  { about: 'a body alone', content: { links: [], origin: undefined, body } },
  {
    about: 'links',
    content: { links: [{ feedTag: fill(4, 1), sequence: 7 }], origin: undefined, body },
  },
  {
    about: 'said again, with the place where it stood first',
    content: { links: [{ feedTag: fill(4, 1), sequence: 0 }], origin: { feedId, sequence: 12 }, body },
  },
];

const confirming = (upTo: number, lost: readonly LostRange[] = []): Receipt['feeds'][number] => ({
  feedTag: fill(4, 5),
  upTo,
  timeNs: 1_700_000_000_000_123_456n,
  lost,
  skipped: undefined,
});
const ranges = (count: number): LostRange[] =>
  Array.from({ length: count }, (_, at) => ({ first: 2 * at, last: 2 * at }));
const skipped = { route: fill(16, 6) as Route, below: 4_294_967_297 };

const receipts: readonly { readonly about: string; readonly receipt: Receipt }[] = [
  { about: 'everything came', receipt: { state: 'delivered', feeds: [confirming(12)] } },
  { about: 'two feeds, read', receipt: { state: 'read', feeds: [confirming(0), confirming(0xffff_ffff)] } },
  {
    about: 'two gaps',
    receipt: {
      state: 'delivered',
      feeds: [
        confirming(12, [
          { first: 3, last: 3 },
          { first: 5, last: 9 },
        ]),
      ],
    },
  },
  {
    about: 'as many gaps as there may be',
    receipt: { state: 'delivered', feeds: [confirming(62, ranges(32))] },
  },
  {
    about: 'frames are gone and nothing is behind them yet',
    receipt: { state: 'delivered', feeds: [{ ...confirming(12), skipped }] },
  },
  {
    about: 'nothing of the feed came at all',
    receipt: { state: 'delivered', feeds: [{ ...confirming(0, ranges(1)), skipped }] },
  },
];

const encodeLost = (lost: readonly LostRange[]): Uint8Array =>
  encodeReceipt({ state: 'delivered', feeds: [confirming(100, lost)] });
const whole = encodeReceipt({ state: 'delivered', feeds: [{ ...confirming(12, ranges(1)), skipped }] });
const put = (bytes: Uint8Array, at: number, value: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? value : byte));

const badReceipts: readonly { readonly why: string; readonly bytes: Uint8Array }[] = [
  { why: 'another state', bytes: put(whole, 0, 3) },
  { why: 'no feed', bytes: Uint8Array.of(1, 0) },
  { why: '65 feeds', bytes: Uint8Array.of(1, 65) },
  { why: '33 ranges', bytes: encodeLost(ranges(33)) },
  { why: 'a range that ends before it begins', bytes: encodeLost([{ first: 5, last: 4 }]) },
  { why: 'lost above what is confirmed', bytes: encodeLost([{ first: 100, last: 101 }]) },
  { why: 'ranges out of order', bytes: encodeLost(ranges(2).toReversed()) },
  {
    why: 'two ranges that are one',
    bytes: encodeLost([
      { first: 1, last: 2 },
      { first: 3, last: 4 },
    ]),
  },
  { why: 'skipped is neither 0 nor 1', bytes: put(whole, 27, 2) },
  { why: 'an index above 2^53 - 1', bytes: put(whole, whole.length - 1, 1) },
  { why: 'cut off', bytes: whole.slice(0, -1) },
  { why: 'one byte too many', bytes: new Uint8Array([...whole, 0]) },
  { why: 'empty', bytes: new Uint8Array() },
];

export function generate(): object {
  const badContents = [
    { why: 'no links', flags: 1, bytes: Uint8Array.of(0) },
    { why: '65 links', flags: 1, bytes: Uint8Array.of(65) },
    { why: 'link cut off', flags: 1, bytes: Uint8Array.of(1, 0, 0, 0) },
    { why: 'origin cut off', flags: 4, bytes: fill(35, 5) },
  ];
  const badTexts = [
    { why: 'empty', bytes: new Uint8Array() },
    { why: 'overlong UTF-8', bytes: Uint8Array.of(0xc0, 0x80) },
    { why: 'half a surrogate pair', bytes: Uint8Array.of(0xed, 0xa0, 0x80) },
  ];
  return {
    ids: contents.map(({ content }) => {
      const place = content.origin ?? { feedId, sequence: 3 };
      const id = messageIdOf(primitives, place, messageKinds.text, content.body);
      return plain({ place, kind: messageKinds.text, body: content.body, id });
    }),
    contents: contents.map(({ about, content }) => {
      const { flags, bytes } = encodeContent(content);
      return plain({ about, flags, bytes, content: unwrap(decodeContent(flags, bytes)) });
    }),
    receipts: receipts.map(({ about, receipt }) => {
      const bytes = encodeReceipt(receipt);
      const { state, feeds } = unwrap(decodeReceipt(bytes));
      const named = feeds.map((feed) => ({ ...feed, timeNs: feed.timeNs.toString() }));
      return plain({ about, bytes, receipt: { state, feeds: named } });
    }),
    refused: {
      contents: badContents.map(({ why, flags, bytes }) =>
        plain({ why, flags, bytes, refusal: refusalOf(decodeContent(flags, bytes)) }),
      ),
      receipts: badReceipts.map(({ why, bytes }) =>
        plain({ why, bytes, refusal: refusalOf(decodeReceipt(bytes)) }),
      ),
      texts: badTexts.map(({ why, bytes }) => plain({ why, bytes, refusal: refusalOf(decodeText(bytes)) })),
    },
  };
}
