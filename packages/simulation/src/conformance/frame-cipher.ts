/**
 * The contract of `Primitives.frames`: runs of frames, sealed and opened as one after the other with the primitives that
 * it stands for. Without a test framework, like the other suites.
 */
import {
  assert,
  bytesToHex,
  createPlainFrameCipher,
  type FrameCipher,
  frameBytesByType,
  type Primitives,
} from '@mycelium/protocol';
import { type ConformanceCase, expectHex, expectTrue } from './case.ts';

const firstKey = new Uint8Array(32).fill(7);

/** Frames of these types whose bytes are all different, in the cipher's memory. Answers where they end. */
function putRun({ memory, view }: FrameCipher, types: readonly number[]): number {
  let at = 0;
  for (const type of types) {
    const size = frameBytesByType[type] ?? 0;
    for (let index = 0; index < size; index += 1) memory[at + index] = (at + index) * 7 + (index >> 5);
    view.setUint32(at, type | 0x100 | ((size - 4) << 16), true);
    at += size;
  }
  return at;
}

interface Run {
  readonly bytes: string;
  readonly key: string;
}

function sealed(cipher: FrameCipher, types: readonly number[]): Run {
  const end = putRun(cipher, types);
  const key = firstKey.slice();
  cipher.seal(key, end);
  return { bytes: bytesToHex(cipher.memory.subarray(0, end)), key: bytesToHex(key) };
}

const runs: readonly (readonly number[])[] = [
  [1],
  [2],
  [3],
  [1, 1, 1],
  [3, 1, 2, 1, 3, 3, 2],
  Array(256).fill(1),
];

export const frameCipherCases: readonly ConformanceCase<Primitives>[] = [
  {
    title: 'runs of frames are sealed as one frame after the other',
    run: (primitives) => {
      for (const types of runs) {
        const wanted = sealed(createPlainFrameCipher(primitives), types);
        const { bytes, key } = sealed(primitives.frames, types);
        expectTrue(bytes === wanted.bytes, `the bytes of ${types.length} frames`);
        expectTrue(key === wanted.key, 'the chain key behind them');
        primitives.frames.memory.fill(0);
      }
    },
  },
  {
    title: 'what was sealed opens, and the chain key is the same behind it',
    run: ({ frames }) => {
      for (const types of runs) {
        const end = putRun(frames, types);
        const plain = frames.memory.slice(0, end);
        const [key, other] = [firstKey.slice(), firstKey.slice()];
        frames.seal(key, end);
        expectTrue(frames.open(other, end) === end, 'all of it opens');
        expectHex(other, bytesToHex(key));
        expectSameText(frames.memory, plain, types);
        frames.memory.fill(0);
      }
    },
  },
  {
    title: 'a run ends at a frame in which any bit of header, text or tag is another, its chain key with it',
    run: ({ frames }) => {
      for (let byte = 4; byte < 128; byte += 1) {
        const end = putRun(frames, [1, 1, 1]);
        const plain = frames.memory.slice(0, end);
        frames.seal(firstKey.slice(), end);
        frames.memory[128 + byte] = (frames.memory[128 + byte] ?? 0) ^ (1 << (byte & 7));
        const key = firstKey.slice();
        expectTrue(
          frames.open(key, end) === 128,
          `it ends at the second frame, byte ${byte} of which is wrong`,
        );
        expectSameText(frames.memory, plain, [1]);
        const second = firstKey.slice();
        putRun(frames, [1]);
        frames.seal(second, 128);
        expectHex(key, bytesToHex(second));
        frames.memory.fill(0);
      }
    },
  },
  {
    title: 'an empty run changes nothing',
    run: ({ frames }) => {
      const key = firstKey.slice();
      frames.seal(key, 0);
      expectTrue(frames.open(key, 0) === 0, 'it ends where it begins');
      expectHex(key, bytesToHex(firstKey));
    },
  },
  {
    title: 'memory has room for long frames, and its view is over the same bytes',
    run: ({ frames }) => {
      assert(frames.memory.length >= 2_048, 'room for a long frame');
      frames.memory[9] = 5;
      expectTrue(
        frames.view.getUint8(9) === 5 && frames.view.byteLength === frames.memory.length,
        'the same',
      );
      frames.memory[9] = 0;
    },
  },
];

/** Tags aside, which are not put back. */
function expectSameText(memory: Uint8Array, plain: Uint8Array, types: readonly number[]): void {
  let at = 0;
  for (const type of types) {
    const end = at + (frameBytesByType[type] ?? 0);
    expectHex(memory.subarray(at, end - 16), bytesToHex(plain.subarray(at, end - 16)));
    at = end;
  }
}
