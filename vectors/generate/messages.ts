// vectors/messages.json: what is inside the frames of a feed (spec/messages.md).
import {
  acquaintanceSecret,
  decodeContent,
  decodeHeads,
  decodeReceipt,
  decodeText,
  encodeContent,
  encodeHeads,
  encodeReceipt,
  encodeText,
  messageIdOf,
  messageKinds,
  openSharedHead,
  parseAddress,
  sealSharedHead,
  sharedHeadBytes,
  sharedHeadsMax,
  unwrap,
  userIdOf,
  type AccountId,
  type ConversationId,
  type FeedId,
  type LostRange,
  type MessageContent,
  type Receipt,
  type Route,
  type SharedHead,
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

const put = (bytes: Uint8Array, at: number, value: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? value : byte));

const bobsId = userIdOf(primitives, unwrap(parseAddress('bob@example.com')));
const place = { conversation: fill(32, 7) as ConversationId, salt: fill(16, 8) };
const secret = acquaintanceSecret(primitives, bobsId);
const bob = { accountId: fill(32, 9) as AccountId, head: { sequence: 4, hash: fill(32, 10) } };
const entry = sealSharedHead(primitives, secret, place, bob);
const shared = Array.from({ length: sharedHeadsMax }, (_, at) =>
  at === 3 ? entry : fill(sharedHeadBytes, at),
);
const own = { sequence: 2, hash: fill(32, 11) };
const reader = { sequence: 0, hash: fill(32, 12) };
const heads = encodeHeads({ own, reader, salt: place.salt, shared });

/** Who does not know the address, or another conversation or message. */
const strangers: readonly (readonly [string, SharedHead | undefined])[] = [
  ['another address', openSharedHead(primitives, fill(32, 1), place, shared)],
  [
    'another conversation',
    openSharedHead(primitives, secret, { ...place, conversation: fill(32, 1) as ConversationId }, shared),
  ],
  ['another salt', openSharedHead(primitives, secret, { ...place, salt: fill(16, 1) }, shared)],
  ['a changed entry', openSharedHead(primitives, secret, place, [put(entry, 90, 0)])],
];

const encodeLost = (lost: readonly LostRange[]): Uint8Array =>
  encodeReceipt({ state: 'delivered', feeds: [confirming(100, lost)] });
const whole = encodeReceipt({ state: 'delivered', feeds: [{ ...confirming(12, ranges(1)), skipped }] });

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
    heads: plain({
      userId: bobsId,
      secret,
      ...place,
      seen: bob,
      entry,
      opened: openSharedHead(primitives, secret, place, shared),
      own,
      reader,
      bytes: heads,
    }),
    unopened: strangers.map(([why, opened]) => ({
      why,
      opened: opened === undefined ? 'nothing' : 'something',
    })),
    refused: {
      heads: [
        { why: 'cut off', bytes: heads.slice(0, -1) },
        { why: 'one byte too many', bytes: new Uint8Array([...heads, 0]) },
        { why: 'a sequence above 2^53 - 1', bytes: put(heads, 7, 255) },
        { why: 'empty', bytes: new Uint8Array() },
      ].map(({ why, bytes }) => plain({ why, bytes, refusal: refusalOf(decodeHeads(bytes)) })),
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
