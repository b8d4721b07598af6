import {
  concatBytes,
  emptyMailStream,
  encodeIntake,
  encodePush,
  encodeSubscribe,
  type MailItem,
  type MailStream,
  noRequest,
  readMailStream,
} from '@mycelium/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mailFrame } from './members.ts';

const route = new Uint8Array(16).fill(3);
const requestId = new Uint8Array(12).fill(4);
const subscribe = encodeSubscribe({ route, requestId, from: 1 });
const frames = ([1, 2, 3, 4] as const).map((type) => mailFrame(route, type, type));
const intake = encodeIntake({ route, requestId, stampTimeMs: 1, stampNonce: 2n, sealed: new Uint8Array(9) });
const push = (count: number, next = 100): Uint8Array =>
  encodePush({ route, requestId: noRequest, firstIndex: 7, availableFirst: 0, next, count });

const stream = concatBytes(subscribe, ...frames, push(5), ...frames, intake, push(0), intake, subscribe);

function readIn(pieces: readonly Uint8Array[]): { items: MailItem[]; refused: string | undefined } {
  let state: MailStream = emptyMailStream;
  const items: MailItem[] = [];
  for (const piece of pieces) {
    const memory = piece.slice();
    const read = readMailStream(state, memory);
    state = read.stream;
    items.push(...structuredClone(read.items));
    if (read.refusal !== undefined) return { items, refused: read.refusal.code };
    memory.fill(0xee); // the chunk is its owner's again
  }
  return { items, refused: undefined };
}

const whole = readIn([stream]);

test('frames are cut, and a push comes with its frames', () => {
  expect(whole.refused).toBe(undefined);
  const kinds = whole.items.map((item) =>
    item.kind === 'control'
      ? item.control.kind
      : item.kind === 'push'
        ? `push ${item.frames.length}`
        : 'mail',
  );
  expect(kinds.join(', ')).toBe('subscribe, mail, mail, mail, mail, push 5, push 0, intake, subscribe');
  const pushed = whole.items.find((item) => item.kind === 'push');
  expect(pushed?.frames).toEqual([...frames, intake]);
});

test('the same, byte by byte and in any pieces', () => {
  expect(readIn(Array.from(stream, (_, at) => stream.subarray(at, at + 1)))).toEqual(whole);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 }), (cuts) => {
      const at = [0, ...cuts.toSorted((one, other) => one - other), stream.length];
      expect(readIn(at.slice(1).map((end, index) => stream.subarray(at[index], end)))).toEqual(whole);
    }),
    { numRuns: 50 },
  );
});

test('a push of another route, or of control frames, breaks the stream', () => {
  const other = mailFrame(new Uint8Array(16).fill(9), 1, 1);
  expect(readIn([push(2), frames[0]!, other])).toEqual({ items: [], refused: 'route' });
  expect(readIn([push(1), subscribe])).toEqual({ items: [], refused: 'pushed' });
  expect(readIn([push(1), push(0)])).toEqual({ items: [], refused: 'pushed' });
});

test('what comes before a broken frame is handed over, nothing after it', () => {
  const broken = frames[0]!.slice();
  broken[2] = 0;
  expect(readIn([concatBytes(subscribe, broken, subscribe)])).toMatchObject({
    items: [{ kind: 'control' }],
    refused: 'length',
  });
});

test('no bytes make the reader throw or hold more than one frame and a push', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (pieces) => {
      let state: MailStream = emptyMailStream;
      for (const piece of pieces) {
        state = readMailStream(state, piece).stream;
        expect(state.rest.length).toBeLessThan(4096);
      }
    }),
    { numRuns: 200 },
  );
});
