// vectors/frames.json: headers, streams, sealed headers (spec/frames.md).
import {
  bytesToHex,
  checkFrame,
  concatBytes,
  controlFrameTypes,
  frameBytesByType,
  FrameSplitter,
  mailFrameTypes,
  readSealedHeader,
  type SealedHeader,
  writeFrameHeader,
  writeSealedHeader,
} from '@mycelium/protocol';
import { plain, refusalOf } from './form/plain.ts';

const route = Uint8Array.from({ length: 16 }, (_, at) => at + 1);
const guard = Uint8Array.from({ length: 8 }, (_, at) => 0xa0 + at);

function frameOf(type: number, generation = 0x01020304): Uint8Array {
  const frame = new Uint8Array(frameBytesByType[type] ?? 0);
  writeFrameHeader(frame, 0, { type, route, generation, guard });
  return frame;
}

const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? value : byte));

function headers(): object {
  const short = frameOf(mailFrameTypes.short);
  const bad = [
    { why: 'type 0', frame: changed(short, 0, 0) },
    { why: 'an unknown mail type', frame: changed(short, 0, 5) },
    { why: 'an unknown control type', frame: changed(short, 0, 39) },
    { why: 'the reserved type', frame: changed(short, 0, 255) },
    { why: 'version 0', frame: changed(short, 1, 0) },
    { why: 'version 2', frame: changed(short, 1, 2) },
    { why: 'a flag', frame: changed(short, 1, 0x11) },
    { why: 'length one short', frame: changed(short, 2, 123) },
    {
      why: 'length of a medium frame',
      frame: concatBytes(short.slice(0, 2), Uint8Array.of(0xfc, 0x01), short.slice(4)),
    },
    {
      why: 'length 65,535',
      frame: concatBytes(short.slice(0, 2), Uint8Array.of(0xff, 0xff), short.slice(4)),
    },
    { why: 'one byte missing', frame: short.slice(0, 127) },
    { why: 'one byte more', frame: concatBytes(short, new Uint8Array(1)) },
    { why: 'three bytes', frame: short.slice(0, 3) },
    { why: 'nothing', frame: new Uint8Array(0) },
  ];
  return {
    valid: [...Object.values(mailFrameTypes), ...Object.values(controlFrameTypes)].map((type) => ({
      type,
      size: frameBytesByType[type],
      route: plain(route),
      generation: 0x01020304,
      guard: plain(guard),
      header: plain(frameOf(type).slice(0, 32)),
    })),
    refused: bad.map(({ why, frame }) => ({ why, frame: plain(frame), ...refusalOf(checkFrame(frame)) })),
  };
}

function streams(): object[] {
  const all = concatBytes(...[1, 20, 2, 1, 3].map((type) => frameOf(type)));
  const wanted = [
    { why: 'five frames', stream: all },
    { why: 'the last is not whole', stream: all.slice(0, -1) },
    { why: 'three bytes of a header', stream: concatBytes(frameOf(1), Uint8Array.of(1, 1, 124)) },
    {
      why: 'an unknown type in between',
      stream: concatBytes(frameOf(1), Uint8Array.of(9, 1, 124, 0), frameOf(1)),
    },
    {
      why: 'a wrong length in between',
      stream: concatBytes(frameOf(2), Uint8Array.of(1, 1, 125, 0), frameOf(1)),
    },
    { why: 'version 2 at once', stream: Uint8Array.of(1, 2, 124, 0) },
  ];
  return wanted.map(({ why, stream }) => {
    const sizes: number[] = [];
    const splitter = new FrameSplitter();
    const refusal = splitter.push(stream, (_bytes, ...[, size]) => sizes.push(size));
    const ended =
      refusal === undefined ? { left: splitter.held } : { where: refusal.where, code: refusal.code };
    return { why, stream: bytesToHex(stream), sizes, ...ended };
  });
}

const header: SealedHeader = {
  timeNs: 1_790_000_000_123_456_789n,
  sequence: 0x1_0000_0002,
  kind: 1,
  flags: 0,
  part: 0,
  parts: 1,
  contentLength: 5,
};

function sealedOf(type: number, fields: Partial<SealedHeader> = {}): Uint8Array {
  const sealed = new Uint8Array((frameBytesByType[type] ?? 0) - 48);
  const whole = { ...header, ...fields };
  writeSealedHeader(new DataView(sealed.buffer), 0, whole);
  const start = type === mailFrameTypes.chunk ? 60 : 24;
  return sealed.fill(0x61, start, Math.min(sealed.length, start + whole.contentLength));
}

function sealedHeaders(): object {
  const valid: readonly (readonly [number, Partial<SealedHeader>])[] = [
    [1, {}],
    [1, { contentLength: 0 }],
    [1, { contentLength: 56, kind: 255, flags: 255 }],
    [2, { contentLength: 440, sequence: 0 }],
    [3, { contentLength: 1976, timeNs: 0n, sequence: Number.MAX_SAFE_INTEGER }],
    [3, { contentLength: 1976, parts: 3 }],
    [3, { contentLength: 1, part: 2, parts: 3, timeNs: (1n << 64n) - 1n }],
    [4, { contentLength: 3988 }],
  ];
  const bad: readonly { why: string; type: number; sealed: Uint8Array }[] = [
    { why: 'content longer than a short frame holds', type: 1, sealed: sealedOf(1, { contentLength: 57 }) },
    { why: 'content longer than a chunk holds', type: 4, sealed: sealedOf(4, { contentLength: 3989 }) },
    { why: 'no parts', type: 3, sealed: sealedOf(3, { parts: 0 }) },
    { why: 'part 1 of 1', type: 3, sealed: sealedOf(3, { part: 1 }) },
    { why: 'too many parts', type: 3, sealed: sealedOf(3, { parts: 267, contentLength: 1976 }) },
    { why: 'parts in a short frame', type: 1, sealed: sealedOf(1, { parts: 2, contentLength: 56 }) },
    { why: 'first part not full', type: 3, sealed: sealedOf(3, { parts: 2, contentLength: 1975 }) },
    { why: 'last part empty', type: 3, sealed: sealedOf(3, { parts: 2, part: 1, contentLength: 0 }) },
    { why: 'padding not zero', type: 1, sealed: changed(sealedOf(1), 79, 1) },
    { why: 'sequence 2^53', type: 1, sealed: changed(sealedOf(1), 14, 0x20) },
  ];
  return {
    valid: valid.map(([type, fields]) => {
      const { timeNs, ...rest } = { ...header, ...fields };
      return { type, ...rest, timeNs: timeNs.toString(), sealed: plain(sealedOf(type, fields)) };
    }),
    refused: bad.map(({ why, type, sealed }) => ({
      why,
      type,
      sealed: plain(sealed),
      ...refusalOf(readSealedHeader(type, new DataView(sealed.buffer), 0)),
    })),
  };
}

export function generate(): unknown {
  return { spec: 'spec/frames.md', headers: headers(), streams: streams(), sealedHeaders: sealedHeaders() };
}
