import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  checkFrame,
  contentBytesMax,
  frameBytesByType,
  frameCount,
  FrameSplitter,
  frameTypeFor,
  generationAt,
  isMailFrameAt,
  mailFrameTypes,
  readSealedHeader,
  type Refusal,
  routeAt,
  type Result,
  type SealedHeader,
  writeFrameHeader,
  writeSealedHeader,
} from '../../src/index.ts';

const types = [1, 2, 3, 4, 20, 21, 25, 28, 32] as const;

function frameOf(type: number, generation = 7): Uint8Array {
  const frame = new Uint8Array(frameBytesByType[type] ?? 0).fill(type, 32);
  const route = new Uint8Array(16).fill(type);
  writeFrameHeader(frame, 0, { type, route, generation, guard: new Uint8Array(8).fill(9) });
  return frame;
}

interface Split {
  readonly frames: readonly Uint8Array[];
  readonly refusal: Refusal | undefined;
  readonly held: number;
}

function split(chunks: Iterable<Uint8Array>): Split {
  const splitter = new FrameSplitter();
  const frames: Uint8Array[] = [];
  let refusal: Refusal | undefined;
  for (const chunk of chunks) {
    refusal = splitter.push(chunk, (bytes, at, size) => frames.push(bytes.slice(at, at + size)));
  }
  return { frames, refusal, held: splitter.held };
}

function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.slice(at, at + size);
    at += size;
  }
}

test('the four classes leave 56, 440, 1976 and 3988 bytes for content', () => {
  expect(contentBytesMax).toEqual({ short: 56, medium: 440, long: 1976, chunk: 3988 });
});

test('a message takes the smallest class that holds it, or several long frames', () => {
  const taken = [0, 56, 57, 440, 441, 1976, 1977, 3952, 3953].map((n) => [frameTypeFor(n), frameCount(n)]);
  expect(taken).toEqual([
    [1, 1],
    [1, 1],
    [2, 1],
    [2, 1],
    [3, 1],
    [3, 1],
    [3, 2],
    [3, 2],
    [3, 3],
  ]);
});

test('a header is read as it was written', () => {
  const frame = frameOf(mailFrameTypes.medium, 0xfedcba98);
  expect(generationAt(frame, 0)).toBe(0xfedcba98);
  expect(routeAt(frame, 0)).toEqual(new Uint8Array(16).fill(2));
  expect(isMailFrameAt(frame, 0)).toBe(true);
  expect(isMailFrameAt(frameOf(20), 0)).toBe(false);
  expect(checkFrame(frame).ok).toBe(true);
});

test.for([
  ['an unknown type', 0, 5, 'type'],
  ['type 0', 0, 0, 'type'],
  ['the reserved type 255', 0, 255, 'type'],
  ['version 2', 1, 2, 'version'],
  ['a reserved flag', 1, 0x11, 'reserved'],
  ['a length that is one short', 2, 123, 'length'],
  ['the length of another class', 3, 1, 'length'],
] as const)('%s is refused', ([, at, value, code]) => {
  const frame = frameOf(1);
  frame[at] = value;
  expect(checkFrame(frame)).toMatchObject({ ok: false, refusal: { code } });
});

test('a frame that is cut or has something after it is refused', () => {
  for (const length of [0, 3, 4, 127]) {
    expect(checkFrame(frameOf(1).slice(0, length))).toMatchObject({ refusal: { code: 'truncated' } });
  }
  expect(checkFrame(new Uint8Array([...frameOf(1), 0]))).toMatchObject({ refusal: { code: 'trailing' } });
});

test('a stream gives the same frames whole, chunked and byte by byte', () => {
  const frames = types.map((type) => frameOf(type));
  const stream = new Uint8Array(frames.flatMap((frame) => [...frame]));
  for (const sizes of [[stream.length], [1], [3], [127, 1, 4095, 2], [4096], [129]]) {
    const { frames: out, refusal, held } = split(cut(stream, sizes));
    expect(refusal).toBeUndefined();
    expect(held).toBe(0);
    expect(out).toEqual(frames);
  }
});

test('any stream, cut anywhere, gives what it gives whole', () => {
  const piece = fc.oneof(
    fc.constantFrom(...types).map((type) => frameOf(type)),
    fc.uint8Array({ maxLength: 40 }),
  );
  const streams = fc
    .array(piece, { maxLength: 6 })
    .map((parts) => new Uint8Array(parts.flatMap((part) => [...part])));
  fc.assert(
    fc.property(
      streams,
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 9 }),
      (stream, sizes) => {
        const whole = split([stream]);
        expect(split(cut(stream, sizes))).toEqual(
          whole.refusal === undefined ? whole : { ...whole, held: expect.any(Number) as number },
        );
      },
    ),
    { numRuns: 100 },
  );
});

test('a bad header ends the stream: what came before is handed over, what comes after is not', () => {
  const bad = new Uint8Array([...frameOf(1), 1, 1, 0, 0, ...frameOf(1)]);
  const splitter = new FrameSplitter();
  let count = 0;
  const receive = (): void => void (count += 1);
  expect(splitter.push(bad, receive)).toMatchObject({ code: 'length' });
  expect(splitter.push(frameOf(1), receive)).toMatchObject({ code: 'length' });
  expect(count).toBe(1);
});

const header: SealedHeader = {
  timeNs: 1n,
  sequence: 2 ** 40 + 5,
  kind: 1,
  flags: 2,
  part: 0,
  parts: 1,
  contentLength: 3,
};

function sealedOf(type: number, changed: Partial<SealedHeader> = {}): Uint8Array {
  const plain = new Uint8Array((frameBytesByType[type] ?? 0) - 48);
  writeSealedHeader(new DataView(plain.buffer), 0, { ...header, ...changed });
  return plain;
}

function readHeader(type: number, plain: Uint8Array): Result<SealedHeader> {
  return readSealedHeader(type, new DataView(plain.buffer), 0);
}

test('a sealed header is read as it was written', () => {
  for (const type of [1, 2, 3, 4]) {
    expect(readHeader(type, sealedOf(type))).toEqual({ ok: true, value: header });
  }
});

test.for<readonly [string, number, Partial<SealedHeader>, string]>([
  ['more content than fits', 1, { contentLength: 57 }, 'length'],
  ['no part at all', 3, { parts: 0 }, 'parts'],
  ['part two of one', 3, { part: 1 }, 'parts'],
  ['more parts than allowed', 3, { parts: 267, contentLength: 1976 }, 'parts'],
  ['parts in short frames', 1, { parts: 2, contentLength: 56 }, 'parts'],
  ['a first part that is not full', 3, { parts: 2, contentLength: 1975 }, 'parts'],
  ['a last part that is empty', 3, { parts: 2, part: 1, contentLength: 0 }, 'parts'],
])('%s is refused', ([, type, changed, code]) => {
  expect(readHeader(type, sealedOf(type, changed))).toMatchObject({ ok: false, refusal: { code } });
});

test('anything but zero after the content is refused, and so is a sequence that is no safe integer', () => {
  const plain = sealedOf(1);
  plain[24 + 3] = 1;
  expect(readHeader(1, plain)).toMatchObject({ refusal: { code: 'padding' } });
  const large = sealedOf(1);
  large[14] = 0x20;
  expect(readHeader(1, large)).toMatchObject({ refusal: { code: 'range' } });
});

test('reading any bytes never throws and never looks past their end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const fenced = new Uint8Array(bytes.length + 8192).fill(1);
      fenced.set(bytes);
      expect(checkFrame(fenced.subarray(0, bytes.length))).toEqual(checkFrame(bytes));
      expect(split([fenced.subarray(0, bytes.length)])).toEqual(split([bytes]));
    }),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2, 3, 4),
      fc.uint8Array({ minLength: 24, maxLength: 24 }),
      (type, start) => {
        const plain = new Uint8Array((frameBytesByType[type] ?? 0) - 48);
        plain.set(start);
        expect(() => readHeader(type, plain)).not.toThrow();
      },
    ),
    { numRuns: 200 },
  );
});
