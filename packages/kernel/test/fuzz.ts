/**
 * The kernel against libsodium: random runs of frames, whole and with one bit turned, must come out the same from both, byte for
 * byte. Reproducible: the same seed gives the same runs. Command: scripts/fuzz-kernel.ts.
 */
import { createKernelFrameCipher } from '@mycelium/kernel';
import { createPlainFrameCipher, type FrameCipher, frameBytesByType } from '@mycelium/protocol';
import sodium from 'sodium-native';
import { loadKernel } from '../../node/src/primitives/kernel.ts';
import { createPrimitives } from '../../node/src/primitives/primitives.ts';

export interface FuzzOutcome {
  readonly frames: number;
  readonly runs: number;
  /** Runs in which a bit was turned, so that both had to stop. */
  readonly stopped: number;
}

const framesPerRun = 64;
/** Class of each frame of a run: mostly short ones, as in use. */
const types = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3];

/** ChaCha20 under the seed, a round number as the nonce: as fast as the ciphers that it tests. */
class Bytes {
  readonly #key = Buffer.alloc(32);
  readonly #nonce = Buffer.alloc(12);
  #round = 0;

  constructor(seed: number) {
    this.#key.writeUInt32LE(seed, 0);
  }

  fill(bytes: Buffer): void {
    this.#nonce.writeUInt32LE(this.#round, 0);
    this.#round += 1;
    sodium.crypto_stream_chacha20_ietf(bytes, this.#nonce, this.#key);
  }
}

interface Run {
  readonly frames: number;
  readonly end: number;
  readonly key: Uint8Array;
  /** Where a bit is turned before opening; undefined: nowhere. */
  readonly turned: number | undefined;
}

/** A run of random frames in `into`: everything in them but type and length. */
function makeRun(bytes: Bytes, random: Buffer, into: Uint8Array): Run {
  bytes.fill(random);
  const choice = (at: number): number => random[random.length - 1 - at] ?? 0;
  const wanted = 1 + (choice(0) % framesPerRun);
  let end = 0;
  let frames = 0;
  for (; frames < wanted; frames += 1) {
    const type = types[choice(2 + frames) & 15] ?? 1;
    const size = frameBytesByType[type] ?? 0;
    if (end + size > into.length) break;
    into.set(random.subarray(end, end + size), end);
    into.set([type, 1, (size - 4) & 0xff, (size - 4) >> 8], end);
    end += size;
  }
  const place = random.readUInt32LE(random.length - 120) % end;
  return {
    frames,
    end,
    key: Uint8Array.from(random.subarray(end, end + 32)),
    turned: choice(1) & 1 ? place : undefined,
  };
}

/** What both make of it. Throws where they differ. */
function compare(kernel: FrameCipher, plain: FrameCipher, run: Run): boolean {
  const { end, key, turned } = run;
  plain.memory.set(kernel.memory.subarray(0, end));
  const sealing = [key.slice(), key.slice()] as const;
  kernel.seal(sealing[0], end);
  plain.seal(sealing[1], end);
  same('sealed bytes', kernel.memory.subarray(0, end), plain.memory.subarray(0, end));
  same('chain key after sealing', ...sealing);
  if (turned !== undefined && !isStructure(plain, turned)) {
    for (const { memory } of [kernel, plain]) memory[turned] = (memory[turned] ?? 0) ^ 0x10;
  }
  const opening = [key.slice(), key.slice()] as const;
  const stopped = kernel.open(opening[0], end);
  if (stopped !== plain.open(opening[1], end)) throw new Error('they stop at different frames');
  same('opened bytes', kernel.memory.subarray(0, stopped), plain.memory.subarray(0, stopped));
  same('chain key after opening', ...opening);
  return stopped < end;
}

/** Type, version and length are checked before a cipher sees a frame. */
function isStructure({ view }: FrameCipher, place: number): boolean {
  let at = 0;
  for (;;) {
    const next = at + view.getUint16(at + 2, true) + 4;
    if (place < next) return place - at < 4;
    at = next;
  }
}

function same(what: string, left: Uint8Array, right: Uint8Array): void {
  if (Buffer.compare(left, right) !== 0) throw new Error(`${what} differ`);
}

export function fuzzKernel(
  frames: number,
  seed: number,
  progress: (done: number) => void = () => undefined,
): FuzzOutcome {
  const kernel = createKernelFrameCipher(loadKernel());
  const plain = createPlainFrameCipher(createPrimitives({ kernel: false }));
  const bytes = new Bytes(seed);
  const random = Buffer.alloc(kernel.memory.length + 256);
  let [done, runs, stopped] = [0, 0, 0];
  for (; done < frames; runs += 1) {
    const run = makeRun(bytes, random, kernel.memory);
    try {
      if (compare(kernel, plain, run)) stopped += 1;
    } catch (error) {
      throw new Error(`run ${runs} of seed ${seed}: ${String(error)}`, { cause: error });
    }
    done += run.frames;
    if (runs % 10_000 === 0) progress(done);
  }
  return { frames: done, runs, stopped };
}
