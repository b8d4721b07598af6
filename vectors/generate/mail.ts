// vectors/mail.json: control frames, the stream, opening, stamps, tokens, introduction parts (spec/mail.md).
import {
  beginStamp,
  bytesToHex,
  concatBytes,
  decodeControlFrame,
  decodeHello,
  decodeIntroductionPart,
  decodeOpen,
  emptyMailStream,
  encodeHello,
  encodeIntake,
  encodeIntroductionPart,
  encodePush,
  introductionPieceMax,
  introductionPlainBytes,
  isReplicatedOnly,
  type MailItem,
  noRequest,
  openIsAuthentic,
  openSignedBytes,
  type PeerAddress,
  queueHolders,
  readMailStream,
  searchStamp,
  stampIsValid,
  takesIntakeTokens,
  type TransportKey,
  unwrap,
} from '@mycelium/protocol';
import { brokenControls, controlSamples } from '../../packages/protocol/test/mail/control-samples.ts';
import {
  mailFrame,
  openBytes,
  primitives,
  queueOf,
  server,
} from '../../packages/protocol/test/mail/members.ts';
import { plain, refusalOf } from './form/plain.ts';
import { tokenVectors } from './parts/intake-tokens.ts';

const timeMs = 1_800_000_000_000;
const hourMs = 3_600_000;
const alices = queueOf(1);
const mallorys = queueOf(2);

/** Numbers beyond 2^53 as decimal text. */
const wide = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value).map(([name, field]) => [
          name,
          typeof field === 'bigint' ? String(field) : plain(field),
        ]),
      )
    : value;

function controlVectors(): object {
  return {
    valid: controlSamples.map(({ name, frame }) => ({
      name,
      frame: bytesToHex(frame),
      fields: wide(unwrap(decodeControlFrame(frame))),
    })),
    note: 'refused: the first valid frame of that name, with `bytes` at `at`',
    refused: [
      ...brokenControls.map(({ why, name, at, bytes, frame }) => {
        return { why, name, at, bytes: bytesToHex(bytes), ...refusalOf(decodeControlFrame(frame)) };
      }),
      ...['hello', 'open', 'done'].flatMap((name) =>
        [
          { why: `${name}: version 2`, at: 1, byte: 2 },
          { why: `${name}: a flag`, at: 1, byte: 0x11 },
          { why: `${name}: another length`, at: 2, byte: 0 },
        ].map(({ why, at, byte }) => {
          const frame =
            controlSamples.find((sample) => sample.name === name)?.frame.slice() ?? new Uint8Array();
          frame[at] = byte;
          return {
            why,
            name,
            at,
            bytes: bytesToHex(Uint8Array.of(byte)),
            ...refusalOf(decodeControlFrame(frame)),
          };
        }),
      ),
    ],
  };
}

function helloVectors(): object {
  const frame = controlSamples.find(({ name }) => name === 'hello')?.frame ?? new Uint8Array();
  return [0, 1, 2, 8, 0x0102_0304, 0x8000_0001, 0xffff_ffff].map((features) => {
    const hello = encodeHello({ ...unwrap(decodeHello(frame)), features });
    const read = unwrap(decodeHello(hello));
    return {
      frame: bytesToHex(hello),
      features,
      replicated: isReplicatedOnly(read),
      intakeTokens: takesIntakeTokens(read),
    };
  });
}

const withTokens = {
  intakeDifficulty: 12,
  intakeTokens: [
    { id: new Uint8Array(8).fill(1), key: new Uint8Array(32).fill(2), frames: 23, expiresMs: timeMs },
  ],
};

function otherTokens(): Uint8Array {
  const frame = openBytes(alices, 'owner', withTokens);
  frame[182] = (frame[182] ?? 0) ^ 1;
  return frame;
}

function openVectors(): object {
  const attempts = [
    { why: 'the owner', frame: openBytes(alices, 'owner', { base: 7 }) },
    { why: 'the owner, an intake queue', frame: openBytes(alices, 'owner', { intakeDifficulty: 12 }) },
    { why: 'the reader', frame: openBytes(alices, 'reader') },
    { why: "another key's signature", frame: openBytes(alices, 'owner', { seed: mallorys.ownerSeed }) },
    {
      why: "the reader's signature as owner",
      frame: openBytes(alices, 'owner', { seed: alices.readerSeed }),
    },
    {
      why: "the owner's signature as reader",
      frame: openBytes(alices, 'reader', { seed: alices.ownerSeed }),
    },
    { why: 'a route of other keys', frame: openBytes(mallorys, 'owner', { route: alices.route }) },
    {
      why: 'a challenge of another connection',
      frame: openBytes(alices, 'owner', { at: { ...server, challenge: new Uint8Array(32).fill(9) } }),
    },
    { why: 'the owner, with tokens', frame: openBytes(alices, 'owner', withTokens) },
    { why: 'tokens of another signature', frame: otherTokens() },
    {
      why: "another relay's transport key",
      frame: openBytes(alices, 'owner', { at: { ...server, transportKey: new Uint8Array(32).fill(9) } }),
    },
  ];
  return {
    keys: plain(alices),
    server: plain(server),
    attempts: attempts.map(({ why, frame }) => {
      const open = unwrap(decodeOpen(frame));
      const signed = bytesToHex(openSignedBytes(server, open));
      const authentic = openIsAuthentic(primitives, server, open);
      const used = 172 + (open.intakeTokens === undefined ? 0 : 2 + 52 * open.intakeTokens.length);
      return { why, frame: bytesToHex(frame.subarray(0, used)), rest: 'zeros to 4096', signed, authentic };
    }),
  };
}

function stampVectors(): object {
  const frame = encodeIntake({
    route: alices.route,
    requestId: new Uint8Array(12).fill(2),
    stampTimeMs: timeMs,
    stampNonce: 0n,
    sealed: new Uint8Array(4046).fill(5),
  });
  const stamped = searchStamp(primitives, beginStamp(frame, 12), 1 << 20).frame;
  const cases = [
    { difficulty: 12, nowMs: timeMs },
    { difficulty: 0, nowMs: timeMs + 48 * hourMs },
    { difficulty: 12, nowMs: timeMs - 48 * hourMs },
    { difficulty: 12, nowMs: timeMs + 48 * hourMs + 1 },
    { difficulty: 12, nowMs: timeMs - 48 * hourMs - 1 },
    { difficulty: 24, nowMs: timeMs },
  ];
  return {
    frame: bytesToHex(stamped),
    cases: cases.map((one) => ({
      ...one,
      valid: stampIsValid(primitives, stamped, one.difficulty, one.nowMs),
    })),
  };
}

function streamVectors(): object {
  const inWords = (item: MailItem): string => {
    if (item.kind === 'mail') return `mail ${item.frame.length}`;
    return item.kind === 'push' ? `push ${item.frames.length}` : item.control.kind;
  };
  const { route } = alices;
  const push = (count: number): Uint8Array =>
    encodePush({ route, requestId: noRequest, firstIndex: 0, availableFirst: 0, next: 9, count });
  const short = mailFrame(route, 1);
  const elsewhere = mailFrame(mallorys.route, 1);
  const streams = [
    concatBytes(short, push(2), short, mailFrame(route, 2, 2), push(0), short),
    concatBytes(push(3), short, short),
    concatBytes(push(1), elsewhere),
    concatBytes(push(1), push(0)),
    concatBytes(short, new Uint8Array(128)),
    concatBytes(short, Uint8Array.of(1, 1, 125, 0)),
    Uint8Array.of(2, 2, 252, 1),
    Uint8Array.of(2, 0x41, 252, 1),
  ];
  return streams.map((stream) => {
    const { items, refusal, stream: left } = readMailStream(emptyMailStream, stream);
    return {
      stream: bytesToHex(stream),
      items: items.map(inWords),
      waits: left.rest.length > 0 || left.push !== undefined,
      refused: refusal === undefined ? null : { where: refusal.where, code: refusal.code },
    };
  });
}

function introductionVectors(): object {
  const part = {
    introductionId: new Uint8Array(16).fill(6),
    part: 1,
    parts: 3,
    piece: new Uint8Array([1, 2, 3]),
  };
  const plaintext = encodeIntroductionPart(part);
  const full = encodeIntroductionPart({
    ...part,
    part: 2,
    piece: new Uint8Array(introductionPieceMax).fill(7),
  });
  const change = (at: number, ...bytes: readonly number[]): Uint8Array => {
    const other = plaintext.slice();
    other.set(bytes, at);
    return other;
  };
  const refused = [
    { why: 'no parts', plaintext: change(17, 0) },
    { why: '24 parts', plaintext: change(17, 24) },
    { why: 'a part that is not below parts', plaintext: change(16, 3) },
    { why: 'a piece longer than there is room', plaintext: change(18, 0xff, 0xff) },
    { why: 'padding that is not zero', plaintext: change(30, 1) },
    { why: 'one byte short', plaintext: plaintext.subarray(0, -1) },
    { why: 'one byte more', plaintext: concatBytes(plaintext, new Uint8Array(1)) },
  ];
  return {
    bytes: introductionPlainBytes,
    valid: [plaintext, full].map((bytes) => ({
      plaintext: bytesToHex(bytes),
      fields: plain(unwrap(decodeIntroductionPart(bytes))),
    })),
    refused: refused.map(({ why, plaintext: bytes }) => ({
      why,
      plaintext: bytesToHex(bytes),
      ...refusalOf(decodeIntroductionPart(bytes)),
    })),
  };
}

function holderVectors(): object {
  const relay = (number: number): PeerAddress => ({ key: new Uint8Array(32).fill(number) as TransportKey });
  const numbers = (...all: readonly number[]): readonly PeerAddress[] => all.map(relay);
  const cases = [
    { why: 'nothing was left', announced: [1, 2, 3], former: [], today: [1, 2, 3, 4] },
    { why: 'both accounts have left one', announced: [1, 2, 3], former: [], today: [1, 2, 4, 5] },
    {
      why: 'the owner has left one that a reader still has',
      announced: [1, 2, 3],
      former: [3],
      today: [1, 2, 3, 4, 5],
    },
    { why: 'all were left', announced: [1, 2, 3], former: [1, 2, 3], today: [4, 5, 6, 7] },
    { why: 'the only one was left, for three', announced: [1], former: [1], today: [4, 5, 6, 7] },
    { why: 'one is named twice', announced: [1, 2, 3], former: [], today: [1, 4, 4, 2] },
    { why: 'there is no other', announced: [1, 2], former: [1, 2], today: [1, 2] },
    { why: 'one came back', announced: [1, 2, 3], former: [], today: [3, 1, 2] },
  ];
  return cases.map(({ why, announced, former, today }) => {
    const place = {
      route: alices.route,
      announced: numbers(...announced),
      former: numbers(...former),
      today: numbers(...today),
    };
    const keys = (peers: readonly PeerAddress[]): readonly string[] =>
      peers.map(({ key }) => bytesToHex(key));
    const { route, ...lists } = place;
    return {
      why,
      route: bytesToHex(route),
      announced: keys(lists.announced),
      former: keys(lists.former),
      today: keys(lists.today),
      holders: keys(queueHolders(primitives, place)),
    };
  });
}

export function generate(): unknown {
  return {
    spec: 'spec/mail.md',
    control: controlVectors(),
    hellos: helloVectors(),
    open: openVectors(),
    stamp: stampVectors(),
    tokens: tokenVectors(),
    streams: streamVectors(),
    introductionParts: introductionVectors(),
    holders: holderVectors(),
  };
}
