/**
 * What a relay says, bent on its way out: frames left out, said twice, swapped, cut off, made longer, with other bits, indices,
 * routes or request ids, or said long ago. Everything follows from the randomness given.
 */
import { frameSizeAt } from '@mycelium/protocol';
import type { Link } from '@mycelium/runtime';
import type { SeededRandomness } from '@mycelium/simulation';

type Lie = (frame: Uint8Array, tongue: Tongue) => readonly Uint8Array[];

const changed = (frame: Uint8Array, change: (copy: Uint8Array, view: DataView) => void): Uint8Array => {
  const copy = frame.slice();
  change(copy, new DataView(copy.buffer));
  return copy;
};

/** Of control frames: where the header ends and indices begin. */
const bodyAt = 32;
const isControl = (frame: Uint8Array): boolean => (frame[0] ?? 0) >= 20;

const lies: Readonly<Record<string, Lie>> = {
  drop: () => [],
  repeat: (frame) => [frame, frame],
  swap: (frame, tongue) => {
    const held = tongue.held;
    tongue.held = held === undefined ? frame : undefined;
    return held === undefined ? [] : [frame, held];
  },
  truncate: (frame, { random }) => [frame.subarray(0, random.between(0, frame.length - 1))],
  lengthen: (frame, { random }) => [frame, new Uint8Array(random.between(1, 200))],
  oversize: (frame) => [changed(frame, (_, view) => view.setUint16(2, 0xffff, true))],
  flip: (frame, { random }) => [
    changed(frame, (copy) => {
      const at = random.between(0, copy.length - 1);
      copy[at] = (copy[at] ?? 0) ^ (1 << random.between(0, 7));
    }),
  ],
  index: (frame, { random }) => [
    changed(frame, (_, view) => {
      if (!isControl(frame)) return;
      const at = bodyAt + 8 * random.between(0, 2);
      const delta = random.pick([1n, -1n, 7n, -7n, 1n << 40n]);
      view.setBigUint64(at, BigInt.asUintN(53, view.getBigUint64(at, true) + delta), true);
    }),
  ],
  route: (frame) => [changed(frame, (copy) => copy.fill(0x5a, 4, 20))],
  'other route': (frame, { random, said }) => {
    const other = said.length === 0 ? frame : random.pick(said);
    return [changed(frame, (copy) => copy.set(other.subarray(4, 20), 4))];
  },
  'request id': (frame, { random, said }) => {
    const other = said.length === 0 ? frame : random.pick(said);
    return [changed(frame, (copy) => copy.set(other.subarray(20, 32), 20))];
  },
  replay: (frame, { random, said }) => [frame, said.length === 0 ? frame : random.pick(said)],
};

export const lieNames: readonly string[] = Object.keys(lies);

/** One relay's way of speaking, over all its links. */
export class Tongue {
  readonly random: SeededRandomness;
  /** Which lies, and how often. */
  kinds: readonly string[] = lieNames;
  chance: number;
  /** What was said on this and other links, the last few dozen. */
  readonly said: Uint8Array[] = [];
  held: Uint8Array | undefined;
  told = 0;

  constructor(random: SeededRandomness, chance: number) {
    this.random = random;
    this.chance = chance;
  }

  bend(frame: Uint8Array): readonly Uint8Array[] {
    const lie = this.random.chance(this.chance) ? lies[this.random.pick(this.kinds)] : undefined;
    if (lie !== undefined) this.told += 1;
    const bent = lie?.(frame, this) ?? [frame];
    this.said.push(frame.slice());
    if (this.said.length > 50) this.said.shift();
    return bent;
  }
}

/** The link as the serving side has it. */
export function lyingLink(link: Link, tongue: Tongue): Link {
  let rest = new Uint8Array(0);
  const write = link.write.bind(link);
  return Object.assign(Object.create(link) as Link, {
    write: (bytes: Uint8Array): boolean => {
      const all = new Uint8Array(rest.length + bytes.length);
      all.set(rest);
      all.set(bytes, rest.length);
      let at = 0;
      let room = true;
      while (all.length - at >= 4 && all.length - at >= frameSizeAt(all, at)) {
        const frame = all.slice(at, at + frameSizeAt(all, at));
        at += frame.length;
        for (const part of tongue.bend(frame)) room = write(part.slice()) && room;
      }
      rest = all.slice(at);
      return room;
    },
    onBytes: link.onBytes.bind(link),
    onDrain: link.onDrain.bind(link),
    onClose: link.onClose.bind(link),
    pause: link.pause.bind(link),
    resume: link.resume.bind(link),
    close: link.close.bind(link),
  });
}
