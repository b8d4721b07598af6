import { expect, test } from 'vitest';
import {
  checkFrame,
  FrameSplitter,
  hexToBytes,
  readSealedHeader,
  type Refusal,
  writeFrameHeader,
} from '../../src/index.ts';
import { ownVectors } from '../vector-files.ts';

interface Refused {
  readonly why: string;
  readonly where: string;
  readonly code: string;
}

interface Header {
  readonly type: number;
  readonly size: number;
  readonly route: string;
  readonly generation: number;
  readonly guard: string;
  readonly header: string;
}

interface Stream extends Partial<Refused> {
  readonly why: string;
  readonly stream: string;
  readonly sizes: readonly number[];
  readonly left?: number;
}

interface Sealed {
  readonly type: number;
  readonly sealed: string;
  readonly timeNs: string;
}

const vectors = ownVectors('frames.json') as {
  readonly headers: {
    readonly valid: readonly Header[];
    readonly refused: readonly (Refused & { frame: string })[];
  };
  readonly streams: readonly Stream[];
  readonly sealedHeaders: {
    readonly valid: readonly Sealed[];
    readonly refused: readonly (Refused & Sealed)[];
  };
};

const bytes = (hex: string): Uint8Array => hexToBytes(hex)!;

test('every header of the vectors is written as it stands there', () => {
  for (const { type, size, route, generation, guard, header } of vectors.headers.valid) {
    const frame = new Uint8Array(size);
    const written = writeFrameHeader(frame, 0, {
      type,
      route: bytes(route),
      generation,
      guard: bytes(guard),
    });
    expect(written).toBe(size);
    expect(frame.slice(0, 32)).toEqual(bytes(header));
    expect(checkFrame(frame).ok).toBe(true);
  }
});

test.for(vectors.headers.refused)('must fail: a frame with $why', ({ frame, code, where }) => {
  expect(checkFrame(bytes(frame))).toMatchObject({ ok: false, refusal: { code, where } });
});

test.for(vectors.streams)(
  'the stream "$why", whole, in chunks and byte by byte',
  ({ stream, sizes, left, code }) => {
    const whole = bytes(stream);
    for (const step of [whole.length, 1, 7, 128, 500]) {
      const splitter = new FrameSplitter();
      const out: number[] = [];
      let refusal: Refusal | undefined;
      for (let at = 0; at < whole.length; at += step) {
        refusal = splitter.push(whole.slice(at, at + step), (_bytes, ...[, size]) => out.push(size));
      }
      expect(out).toEqual(sizes);
      expect(refusal?.code).toBe(code);
      if (left !== undefined) expect(splitter.held).toBe(left);
    }
  },
);

test('every sealed header of the vectors is read as it stands there', () => {
  for (const { type, sealed, timeNs, ...fields } of vectors.sealedHeaders.valid) {
    const value = { ...fields, timeNs: BigInt(timeNs) };
    expect(readSealedHeader(type, new DataView(bytes(sealed).buffer), 0)).toEqual({ ok: true, value });
  }
});

test.for(vectors.sealedHeaders.refused)(
  'must fail: a sealed header with $why',
  ({ type, sealed, code, where }) => {
    expect(readSealedHeader(type, new DataView(bytes(sealed).buffer), 0)).toMatchObject({
      ok: false,
      refusal: { code, where },
    });
  },
);
