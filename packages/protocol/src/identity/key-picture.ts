/**
 * Key pictures: a picture that a key draws, threads that grow from a disc, for the eye to notice that something is another
 * (spec/trust.md, "Key pictures"). 35 to 62 bits of the key show in it: an aid beside what is compared, never a proof. Everything is
 * counted in whole thousandths of a step and directions are multiples of 15 degrees, so that every reader draws the same
 * picture to the last digit.
 */
import { encodeUtf8 } from '../bytes/writer.ts';
import type { Primitives } from '../primitives.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Stroke {
  readonly from: Point;
  readonly to: Point;
  readonly width: number;
}

export type TipShape = 'disc' | 'ring' | 'square' | 'triangle';

/** What stands at the end of a thread: its centre, and where the thread comes from. */
export interface Tip {
  readonly shape: TipShape;
  readonly at: Point;
  /** 0 to 23, in steps of 15 degrees, from right over down. */
  readonly direction: number;
}

export interface Thread {
  /** Three segments, then the branch if there is one. */
  readonly strokes: readonly Stroke[];
  readonly tip: Tip;
}

export interface KeyPicture {
  /** `rust, 5 threads, 2 rings`: for who does not see it, and for the telephone. */
  readonly name: string;
  /** `#RRGGBB`, of the disc in the middle; everything else has the colour of text. */
  readonly colour: string;
  readonly threads: readonly Thread[];
  /** Half of the side of the square around the middle that everything fits into. */
  readonly extent: number;
}

/** After Okabe and Ito, told apart by people who see colours in other ways; grey in the place of black. */
const hues: readonly { readonly name: string; readonly colour: string }[] = [
  { name: 'amber', colour: '#E69F00' },
  { name: 'sky', colour: '#56B4E9' },
  { name: 'moss', colour: '#009E73' },
  { name: 'straw', colour: '#F0E442' },
  { name: 'lake', colour: '#0072B2' },
  { name: 'rust', colour: '#D55E00' },
  { name: 'heather', colour: '#CC79A7' },
  { name: 'ash', colour: '#999999' },
];
const tipShapes: readonly TipShape[] = ['disc', 'ring', 'square', 'triangle'];
/** Steps of a segment, by its two bits: whole after a half and after three quarters. */
const lengths = [16, 20, 24, 28];
const segmentWidths = [4_000, 3_000, 2_000];
/** 60 degrees, to the side that the thread does not turn to. */
const branchTurn = 4;
/** Thousandths of the cosine of 0, 15, … 90 degrees. */
const cosines = [1_000, 966, 866, 707, 500, 259, 0];
const directions = 24;
export const centreRadius = 10_000;
/** Of the circle that every tip fits into. */
export const tipRadius = 8_000;
/** Steps from the end of a thread to the centre of its tip: they touch. */
const tipSteps: Readonly<Record<TipShape, number>> = { disc: 8, ring: 8, square: 5, triangle: 4 };
const margin = 2_000;

export function keyPicture(primitives: Primitives, key: Uint8Array): KeyPicture {
  const bits = bitsOf(primitives.sha256(encodeUtf8('mycelium-picture-v1\0'), key));
  const hue = hues[bits(3)] ?? { name: '', colour: '' };
  const count = 3 + bits(2);
  const rotation = 3 * bits(3);
  const threads = Array.from({ length: count }, (_, at) => {
    const evenly = Math.round((directions * at) / count);
    return growThread(bits, (rotation + evenly) % directions);
  });
  const rings = threads.filter(({ tip }) => tip.shape === 'ring').length;
  const ringText = rings === 0 ? 'no rings' : rings === 1 ? '1 ring' : `${rings} rings`;
  return {
    name: `${hue.name}, ${count} threads, ${ringText}`,
    colour: hue.colour,
    threads,
    extent: extentOf(threads),
  };
}

/** So far from `point` in one of the 24 directions. */
export function moved(point: Point, direction: number, steps: number): Point {
  return { x: point.x + steps * cosine(direction), y: point.y + steps * cosine(direction + directions - 6) };
}

function cosine(direction: number): number {
  const turned = direction % directions;
  const mirrored = turned > directions / 2 ? directions - turned : turned;
  return mirrored > 6 ? -(cosines[directions / 2 - mirrored] ?? 0) : (cosines[mirrored] ?? 0);
}

/** Reads so many bits, the most significant of each byte first. */
type Bits = (count: number) => number;

function bitsOf(bytes: Uint8Array): Bits {
  let at = 0;
  return (count) => {
    let value = 0;
    for (let read = 0; read < count; read += 1, at += 1) {
      value = value * 2 + (((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
    }
    return value;
  };
}

function growThread(bits: Bits, towards: number): Thread {
  const [turn, fork, length, tip, side] = [bits(2), bits(2), lengths[bits(2)] ?? 0, bits(2), bits(1)];
  const aside = (steps: number): number => (side === 0 ? steps : directions - steps) % directions;
  const strokes: Stroke[] = [];
  let branch: Stroke | undefined;
  let end: Point = { x: 0, y: 0 };
  let direction = towards;
  for (const [segment, width] of segmentWidths.entries()) {
    if (segment > 0) direction = (direction + aside(turn)) % directions;
    const from = end;
    end = moved(from, direction, length);
    strokes.push({ from, to: end, width });
    if (segment + 1 !== fork) continue;
    const away = (direction + directions - aside(branchTurn)) % directions;
    const start = moved(from, direction, length / 2);
    branch = { from: start, to: moved(start, away, (length * 3) / 4), width: 2_000 };
  }
  const shape = tipShapes[tip] ?? 'disc';
  return {
    strokes: branch === undefined ? strokes : [...strokes, branch],
    tip: { shape, at: moved(end, direction, tipSteps[shape]), direction },
  };
}

function extentOf(threads: readonly Thread[]): number {
  const ends = threads.flatMap(({ strokes, tip }) => [
    ...strokes.map(({ to }) => reach(to)),
    reach(tip.at) + tipRadius,
  ]);
  return Math.max(...ends) + margin;
}

function reach({ x, y }: Point): number {
  return Math.max(Math.abs(x), Math.abs(y));
}
