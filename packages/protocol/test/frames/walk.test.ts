import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createFrameBatch,
  frameBytesByType,
  FrameSplitter,
  RouteTable,
  routeUnknown,
  walkFrames,
  wordAfter,
  writeFrameHeader,
} from '../../src/index.ts';

const secret = [0x1234_5678, 0x9abc_def0] as const;

function routeOf(number: number): Uint8Array {
  const route = new Uint8Array(16);
  new DataView(route.buffer).setUint32(number % 4, number);
  return route;
}

function frameOf(type: number, route: Uint8Array): Uint8Array {
  const frame = new Uint8Array(frameBytesByType[type] ?? 0).fill(type, 32);
  writeFrameHeader(frame, 0, { type, route, generation: 7, guard: new Uint8Array(8).fill(9) });
  return frame;
}

test('a batch is walked in one call and stops at the first frame that is not whole or not valid', () => {
  const table = new RouteTable(4, secret);
  table.set(routeOf(1), 10);
  table.set(routeOf(3), 30);
  const bytes = new Uint8Array([
    ...frameOf(1, routeOf(1)),
    ...frameOf(3, routeOf(2)),
    ...frameOf(2, routeOf(3)),
    ...frameOf(4, routeOf(1)).slice(0, 128),
  ]);
  const words = new Uint32Array(bytes.buffer);
  const batch = createFrameBatch(16);
  expect(walkFrames(words, 0, batch, table)).toBe(3);
  expect([...batch.starts.subarray(0, 3)]).toEqual([0, 32, 32 + 512]);
  expect([...batch.routes.subarray(0, 3)]).toEqual([10, routeUnknown, 30]);
  expect(wordAfter(32, words[32] ?? 0)).toBe(32 + 512);
  expect(walkFrames(words, 32, batch, table)).toBe(2);
  expect(walkFrames(words, 0, createFrameBatch(2), table)).toBe(2);
  bytes[128] = 77;
  expect(walkFrames(words, 0, batch, table)).toBe(1);
});

test.for([0, 1, 2, 3])('a short frame is refused when byte %i of its head is another', (at) => {
  const bytes = frameOf(1, routeOf(1));
  bytes[at] = (bytes[at] ?? 0) ^ 0x80;
  const words = new Uint32Array(bytes.buffer);
  expect(walkFrames(words, 0, createFrameBatch(1), new RouteTable(1, secret))).toBe(0);
});

test('bytes of any kind are walked as the splitter cuts them', () => {
  const piece = fc.oneof(
    fc.constantFrom(1, 2, 3, 4, 20, 21, 32).map((type) => frameOf(type, routeOf(type))),
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
  );
  const table = new RouteTable(4, secret);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const bytes = new Uint8Array(pieces.flatMap((part) => [...part]));
      const cut: number[] = [];
      const splitter = new FrameSplitter();
      splitter.push(bytes, (_frame, at) => cut.push(at / 4));
      const batch = createFrameBatch(16);
      const count = walkFrames(new Uint32Array(bytes.buffer), 0, batch, table);
      expect([...batch.starts.subarray(0, count)]).toEqual(cut);
    }),
    { numRuns: 100 },
  );
});

test('a table answers like a map, whatever is put in and taken out', () => {
  const act = fc.record({ number: fc.nat(40), value: fc.nat(1000), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), fc.nat(0xffff_ffff), (acts, factor) => {
      // Factors of one bring routes that differ in their last words to the same place.
      const table = new RouteTable(32, [factor % 2 === 0 ? 1 : factor, 1]);
      const map = new Map<number, number>();
      for (const { number, value, remove } of acts) {
        if (remove) expect(table.delete(routeOf(number))).toBe(map.delete(number));
        else {
          const fits = map.has(number) || map.size < 32;
          expect(table.set(routeOf(number), value)).toBe(fits);
          if (fits) map.set(number, value);
        }
        expect(table.size).toBe(map.size);
      }
      for (let number = 0; number <= 40; number += 1) {
        expect(table.get(routeOf(number))).toBe(map.get(number) ?? routeUnknown);
      }
    }),
    { numRuns: 100 },
  );
});

test('a table in which all routes begin alike still tells them apart', () => {
  const table = new RouteTable(300, secret);
  const route = (number: number): Uint8Array =>
    new Uint8Array(16).fill(number & 0xff, 8).fill(number >> 8, 15);
  for (let number = 0; number < 300; number += 1) table.set(route(number), number);
  for (let number = 0; number < 300; number += 2) table.delete(route(number));
  for (let number = 0; number < 300; number += 1) {
    expect(table.get(route(number))).toBe(number % 2 === 0 ? routeUnknown : number);
  }
});
