// What a row of the client's store costs to encode and to decode, by codec, in turn within one run:
//
//   node scripts/run.js bench/client-store/rows.ts
//
// Needs bench/rivals (npm run bench installs it). docs/decisions/0013-row-encoding.md says what followed.
import * as cborg from 'cborg';
import { Packr } from 'msgpackr';
import { decodeRow, encodeRow } from '../../packages/client/src/store/row-encoding.ts';
import { median } from '../statistics.ts';

interface Codec {
  readonly name: string;
  encode(row: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

const callsPerRound = 20_000;
const rounds = 9;

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(length);
const rows: Readonly<Record<string, object>> = {
  message: {
    id: bytes(16),
    conversation: bytes(32),
    from: 'alice@example.com',
    own: true,
    kind: 1,
    text: 'Shall we meet at the old bridge at eight?',
    body: undefined,
    timeMs: 1_790_000_000_000,
    depth: 1_234,
    feedId: bytes(32),
    sequence: 1_200,
    state: 'queued',
    gapBefore: false,
  },
  outgoing: {
    route: bytes(16),
    lastIndex: 12,
    timeNs: 1_790_000_000_000_123_456n,
    message: bytes(60),
    stored: false,
    lost: false,
    again: 0,
  },
};

const packr = new Packr({ structures: [], copyBuffers: true });
const codecs: readonly Codec[] = [
  { name: 'ours', encode: encodeRow, decode: decodeRow },
  {
    name: 'cborg',
    encode: (row) => cborg.encode(row),
    decode: (encoded) => cborg.decode(encoded) as unknown,
  },
  { name: 'msgpackr, records', encode: (row) => packr.pack(row), decode: (encoded) => packr.unpack(encoded) },
];

function nsPerCall(call: () => unknown): number {
  const began = process.hrtime.bigint();
  for (let calls = 0; calls < callsPerRound; calls += 1) call();
  return Number(process.hrtime.bigint() - began) / callsPerRound;
}

for (const [kind, row] of Object.entries(rows)) {
  const figures = codecs.map((codec) => ({ codec, encode: [] as number[], decode: [] as number[] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { codec, encode, decode } of figures) {
      const encoded = codec.encode(row);
      const [encodeNs, decodeNs] = [
        nsPerCall(() => codec.encode(row)),
        nsPerCall(() => codec.decode(encoded)),
      ];
      // The first round warms up.
      if (round === 0) continue;
      encode.push(encodeNs);
      decode.push(decodeNs);
    }
  }
  for (const { codec, encode, decode } of figures) {
    const size = codec.encode(row).length;
    const [encodeNs, decodeNs] = [median(encode), median(decode)].map((ns) => ns.toFixed(0));
    console.log(`${kind}, ${codec.name}: ${size} bytes, encode ${encodeNs} ns, decode ${decodeNs} ns`);
  }
}
