import { expect, test } from 'vitest';
import {
  addFrame,
  createAssembler,
  createReader,
  createSignedAssembler,
  createWriter,
  type DeviceKey,
  deriveEpochKeys,
  hexToBytes,
  openFrame,
  stepChain,
  unwrap,
  verifyContent,
} from '../../src/index.ts';
import { ownVectors } from '../vector-files.ts';
import { open, primitives } from './actors.ts';

interface Epoch {
  readonly feedSecret: string;
  readonly chainKey: string;
  readonly readerSeed: string;
  readonly ownerSeed: string;
  readonly ownerPublicKey: string;
  readonly route: string;
}

interface Message {
  readonly generation: number;
  readonly sequence: number;
  readonly content: string;
  readonly frames: readonly string[];
  readonly runningHash?: string;
  readonly text?: string;
}

interface Refused {
  readonly why: string;
  readonly where: string;
  readonly code: string;
}

interface RefusedFrame extends Refused {
  readonly before: readonly string[];
  readonly nowMs: number;
  readonly frame: string;
}

interface RefusedSignature extends Refused {
  readonly deviceKey: string;
  readonly flags: number;
  readonly content: string;
  readonly runningHash: string | null;
}

const vectors = ownVectors('feeds.json') as {
  readonly epochs: readonly Epoch[];
  readonly chain: {
    readonly first: string;
    readonly steps: readonly { readonly chainKey: string; readonly messageKey: string }[];
  };
  readonly messages: {
    readonly firstSequence: number;
    readonly valid: readonly Message[];
    readonly refused: readonly RefusedFrame[];
  };
  readonly signed: {
    readonly deviceKey: string;
    readonly valid: readonly Message[];
    readonly refused: readonly RefusedSignature[];
  };
};

const bytes = (hex: string): Uint8Array => hexToBytes(hex)!;
const [first] = vectors.epochs;
const reader = createReader(bytes(first!.feedSecret), bytes(first!.ownerPublicKey), primitives);

test('the keys and the route of an epoch follow from its secret and the owner key', () => {
  for (const epoch of vectors.epochs) {
    const keys = deriveEpochKeys(bytes(epoch.feedSecret), primitives);
    expect(keys).toEqual({ chainKey: bytes(epoch.chainKey), readerSeed: bytes(epoch.readerSeed) });
    const start = {
      feedSecret: bytes(epoch.feedSecret),
      ownerSeed: bytes(epoch.ownerSeed),
      sequence: 0,
      signed: false,
    };
    const writer = createWriter(start, primitives);
    expect([writer.ownerPublicKey, writer.route]).toEqual([bytes(epoch.ownerPublicKey), bytes(epoch.route)]);
  }
});

test('the chain steps as the vectors say', () => {
  let chainKey = bytes(vectors.chain.first);
  for (const wanted of vectors.chain.steps) {
    const step = stepChain(chainKey, primitives);
    expect(step).toEqual({ chainKey: bytes(wanted.chainKey), messageKey: bytes(wanted.messageKey) });
    ({ chainKey } = step);
  }
});

test('every message of the vectors opens, in order and across the restart', () => {
  let at = reader;
  let assembler = createAssembler(vectors.messages.firstSequence);
  for (const { generation, sequence, content, frames } of vectors.messages.valid) {
    for (const [part, frame] of frames.entries()) {
      const { opened, reader: next } = open(at, bytes(frame));
      expect(opened).toMatchObject({ generation: generation + part, part, parts: frames.length });
      const added = unwrap(addFrame(assembler, opened, primitives));
      if (part === frames.length - 1)
        expect(added.message).toMatchObject({ sequence, content: bytes(content) });
      at = next;
      ({ assembler } = added);
    }
  }
});

test.for(vectors.messages.refused)('must fail: $why', ({ before, nowMs, frame, code, where }) => {
  let at = reader;
  for (const each of before) at = open(at, bytes(each)).reader;
  expect(openFrame(at, bytes(frame), nowMs, primitives)).toMatchObject({
    ok: false,
    refusal: { code, where },
  });
});

test('every signed message of the vectors verifies', () => {
  let at = reader;
  let assembler = createSignedAssembler(vectors.messages.firstSequence, reader.route, primitives);
  for (const { frames, runningHash, text } of vectors.signed.valid) {
    const { opened, reader: next } = open(at, bytes(frames[0]!));
    const added = unwrap(addFrame(assembler, opened, primitives));
    expect(added.message!.runningHash).toEqual(bytes(runningHash!));
    const key = bytes(vectors.signed.deviceKey) as DeviceKey;
    expect(unwrap(verifyContent(added.message!.runningHash, added.message!, key, primitives))).toEqual(
      bytes(text!),
    );
    at = next;
    ({ assembler } = added);
  }
});

test.for(vectors.signed.refused)(
  'must fail: $why',
  ({ deviceKey, flags, content, runningHash, code, where }) => {
    const message = { timeNs: 0n, sequence: 0, kind: 1, flags, content: bytes(content) };
    const hash = runningHash === null ? undefined : bytes(runningHash);
    const verdict = verifyContent(hash, message, bytes(deviceKey) as DeviceKey, primitives);
    expect(verdict).toMatchObject({ ok: false, refusal: { code, where } });
  },
);
