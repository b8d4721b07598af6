// One value of each control frame, with its two codecs: shared by tests and by vectors/generate/mail.ts.
import {
  decodeDone,
  decodeFetch,
  decodeFound,
  decodeHello,
  decodeIntake,
  decodeLookUp,
  decodeMailError,
  decodeOpen,
  decodeOpened,
  decodePublish,
  decodePush,
  decodeSplice,
  decodeSpliced,
  decodeStatus,
  decodeStatusReport,
  decodeStored,
  decodeSubscribe,
  decodeSummons,
  decodeTrim,
  decodeUnsubscribe,
  encodeDone,
  encodeFetch,
  encodeFound,
  encodeHello,
  encodeIntake,
  encodeLookUp,
  encodeMailError,
  encodeOpen,
  encodeOpened,
  encodePublish,
  encodePush,
  encodeSplice,
  encodeSpliced,
  encodeStatus,
  encodeStatusReport,
  encodeStored,
  encodeSubscribe,
  encodeSummons,
  encodeTrim,
  encodeUnsubscribe,
  noRequest,
  noRoute,
  type Result,
} from '@mycelium/protocol';

export interface ControlSample {
  readonly name: string;
  readonly value: { readonly kind: string };
  readonly frame: Uint8Array;
  readonly decode: (frame: Uint8Array) => Result<unknown>;
  /** Where the body's padding begins; undefined when there is none. */
  readonly paddingAt: number | undefined;
}

const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);
const header = { route: filled(16, 0xa1), requestId: filled(12, 0xb2) };

function sample<T extends { readonly kind: string }>(
  value: T,
  codec: {
    readonly encode: (value: T) => Uint8Array;
    readonly decode: (frame: Uint8Array) => Result<unknown>;
  },
  bodyBytes: number,
): ControlSample {
  return {
    name: value.kind,
    value,
    frame: codec.encode(value),
    decode: codec.decode,
    paddingAt: 32 + bodyBytes,
  };
}

const hello = {
  kind: 'hello' as const,
  route: noRoute,
  requestId: noRequest,
  versionMin: 1,
  versionMax: 3,
  features: 0x01020304,
  challenge: filled(32, 0xc3),
  appendFramesPerSecond: 5_000,
  retentionSeconds: 2_592_000,
  queueFramesMax: 100_000,
};

const open = {
  kind: 'open' as const,
  ...header,
  role: 'owner' as const,
  intakeDifficulty: 12,
  readerPublicKey: filled(32, 0xd4),
  ownerPublicKey: filled(32, 0xe5),
  base: 2 ** 40 + 7,
  signature: filled(64, 0xf6),
};

const tokens = [
  { id: filled(8, 0x31), key: filled(32, 0x32), frames: 23, expiresMs: 1_800_600_000_000 },
  { id: filled(8, 0x33), key: filled(32, 0x34), frames: 2 ** 32 - 1, expiresMs: 0 },
];
const openWithTokens = { ...open, intakeTokens: tokens };
const openWithoutTokens = { ...open, intakeTokens: [] };

const push = { kind: 'push' as const, ...header, firstIndex: 20, availableFirst: 11, next: 30, count: 10 };

const intake = {
  kind: 'intake' as const,
  ...header,
  stampTimeMs: 1_800_000_000_000,
  stampNonce: 0x0102030405060708n,
  sealed: filled(4046, 0x17),
};

const intakeWithToken = { ...intake, stampNonce: 0n, tokenId: filled(8, 0x35), sealed: filled(4045, 0x17) };

const report = {
  kind: 'status-report' as const,
  ...header,
  version: 1,
  loadPercent: 42,
  queues: 70_000,
  connections: 300,
  retentionSeconds: 2_592_000,
  queueFramesMax: 100_000,
};

const reader = {
  ...open,
  role: 'reader' as const,
  intakeDifficulty: undefined,
  base: 0,
};

const aboutConnection = { route: noRoute, requestId: noRequest };

const found = {
  kind: 'found' as const,
  ...header,
  more: true,
  nodes: 40,
  accepted: 20,
  outcome: 'crowded' as const,
  records: [filled(1_000, 7), filled(1_000, 8)],
};

export const controlSamples: readonly ControlSample[] = [
  sample(hello, { encode: encodeHello, decode: decodeHello }, 50),
  sample(openWithTokens, { encode: encodeOpen, decode: decodeOpen }, 140 + 2 + 2 * 52),
  sample(openWithoutTokens, { encode: encodeOpen, decode: decodeOpen }, 140 + 2),
  sample(open, { encode: encodeOpen, decode: decodeOpen }, 140),
  sample(reader, { encode: encodeOpen, decode: decodeOpen }, 140),
  sample(
    { kind: 'opened', ...header, first: 3, next: 9, lastTag: new Uint8Array(16).fill(7) },
    { encode: encodeOpened, decode: decodeOpened },
    32,
  ),
  sample(
    { kind: 'stored', ...header, index: 8, expiresMs: 1_802_592_000_000 },
    { encode: encodeStored, decode: decodeStored },
    16,
  ),
  sample({ kind: 'subscribe', ...header, from: 4 }, { encode: encodeSubscribe, decode: decodeSubscribe }, 8),
  sample(push, { encode: encodePush, decode: decodePush }, 26),
  sample({ kind: 'fetch', ...header, from: 5, count: 256 }, { encode: encodeFetch, decode: decodeFetch }, 10),
  sample(
    { kind: 'trim', ...header, upTo: Number.MAX_SAFE_INTEGER },
    { encode: encodeTrim, decode: decodeTrim },
    8,
  ),
  { ...sample(intake, { encode: encodeIntake, decode: decodeIntake }, 0), paddingAt: undefined },
  sample(intakeWithToken, { encode: encodeIntake, decode: decodeIntake }, 18 + 4045),
  sample({ kind: 'status', ...header }, { encode: encodeStatus, decode: decodeStatus }, 0),
  sample(report, { encode: encodeStatusReport, decode: decodeStatusReport }, 18),
  sample({ kind: 'done', ...header, first: 3, next: 9 }, { encode: encodeDone, decode: decodeDone }, 16),
  sample(
    { kind: 'error', ...header, name: 'rate' as const, retryAfterMs: 1500, difficulty: 0 },
    { encode: encodeMailError, decode: decodeMailError },
    7,
  ),
  sample(
    { kind: 'error', ...header, name: 'stamp' as const, retryAfterMs: 0, difficulty: 18 },
    { encode: encodeMailError, decode: decodeMailError },
    7,
  ),
  sample({ kind: 'unsubscribe', ...header }, { encode: encodeUnsubscribe, decode: decodeUnsubscribe }, 0),
  sample(
    { kind: 'splice', ...aboutConnection, role: 'call' as const, whom: new Uint8Array(32).fill(3) },
    { encode: encodeSplice, decode: decodeSplice },
    33,
  ),
  sample({ kind: 'spliced', ...aboutConnection }, { encode: encodeSpliced, decode: decodeSpliced }, 0),
  sample(
    { kind: 'summons', ...aboutConnection, ticket: new Uint8Array(32).fill(4) },
    { encode: ({ ticket }) => encodeSummons(ticket), decode: decodeSummons },
    32,
  ),
  sample(
    { kind: 'look-up', route: noRoute, requestId: filled(12, 0xb2), locator: filled(32, 5) },
    { encode: encodeLookUp, decode: decodeLookUp },
    32,
  ),
  sample(found, { encode: encodeFound, decode: decodeFound }, 8 + 2 * 1_000),
  sample(
    { kind: 'publish', ...header, now: true, record: filled(1_000, 6) },
    { encode: encodePublish, decode: decodePublish },
    1_001,
  ),
];

export interface BrokenControl {
  readonly why: string;
  /** The sample that it is, but for `bytes` at `at`. */
  readonly name: string;
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly frame: Uint8Array;
}

function broken(why: string, name: string, at: number, bytes: readonly number[]): BrokenControl {
  const found = controlSamples.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no sample of ${name}`);
  const frame = found.frame.slice();
  frame.set(bytes, at);
  return { why: `${name}: ${why}`, name, at, bytes: Uint8Array.from(bytes), frame };
}

const tooLarge = [0, 0, 0, 0, 0, 0, 0x20, 0]; // 2^53
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

/** What breaks a rule of its own in a body; the rules of every header and padding are applied to each sample. */
export const brokenControls: readonly BrokenControl[] = [
  broken('version min above version max', 'hello', 32, [4]),
  broken('a route', 'hello', 4, [1]),
  broken('a request id', 'hello', 20, [1]),
  broken('a route', 'look-up', 4, [1]),
  broken('another flag', 'publish', 32, [2]),
  broken('more 2', 'found', 32, [2]),
  broken('outcome 12', 'found', 33, [12]),
  broken('five records', 'found', 38, [5]),
  broken('a record less than it says', 'found', 38, [1]),
  broken('role 0', 'splice', 32, [0]),
  broken('role 3', 'splice', 32, [3]),
  broken('role 0', 'open', 32, [0]),
  broken('role 3', 'open', 32, [3]),
  broken('an unknown flag', 'open', 33, [7]),
  broken('tokens without intake', 'open', 33, [2, 0]),
  broken('49 tokens', 'open', 172, [49]),
  broken('a token for no frame', 'open', 214, [0, 0, 0, 0]),
  broken('a token until 2^53', 'open', 218, tooLarge),
  broken('a token twice', 'open', 226, [0x31, 0x31, 0x31, 0x31, 0x31, 0x31, 0x31, 0x31]),
  broken('a token more than there is', 'open', 172, [3]),
  broken('tokens, and no flag', 'open', 33, [1]),
  broken('a difficulty without the flag', 'open', 33, [0]),
  broken('intake by a reader', 'open', 32, [1]),
  broken('difficulty 25', 'open', 34, [25]),
  broken('the reserved byte', 'open', 35, [1]),
  broken('base 2^53', 'open', 100, tooLarge),
  broken('base of a reader', 'open', 32, [1, 0, 0]),
  broken('first above next', 'opened', 32, [10]),
  broken('index 2^53', 'stored', 32, tooLarge),
  broken('from 2^53', 'subscribe', 32, tooLarge),
  broken('257 frames', 'push', 56, [1, 1]),
  broken('available first above next', 'push', 40, [31]),
  broken('leads beyond next', 'push', 56, [11]),
  broken('257 frames', 'fetch', 40, [1, 1]),
  broken('2^53', 'trim', 32, tooLarge),
  broken('nothing sealed', 'intake', 48, zeros(4048)),
  broken('nothing sealed, with a token', 'intake', 48, [0, 0x80, ...zeros(4046)]),
  broken('sealed longer than the frame, with a token', 'intake', 48, [0xcf, 0x8f]),
  broken('an unknown bit of the length', 'intake', 48, [0xce, 0x4f]),
  broken('sealed longer than the frame', 'intake', 48, [0xcf, 0x0f]),
  broken('padding that is not zero', 'intake', 48, [0xcd, 0x0f]),
  broken('load 101', 'status-report', 33, [101]),
  broken('first above next', 'done', 32, [10]),
  broken('code 0', 'error', 32, [0, 0]),
  broken('a difficulty without code stamp', 'error', 38, [18]),
  broken('difficulty 25', 'error', 32, [11, 0, 0, 0, 0, 0, 25]),
];
