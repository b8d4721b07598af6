/**
 * A key picture for a terminal (spec/trust.md, "Key pictures"): lines of braille characters, eight dots each, that have the
 * shape without any colour. The coloured disc is the four characters in the middle of the two lines in the middle.
 */
import {
  centreRadius,
  tipRadius,
  type KeyPicture,
  type Point,
  type Stroke,
  type Tip,
} from './key-picture.ts';
import { tipCorners } from './key-picture-svg.ts';

/** 72 dots a side: a tip is six of them wide, and two pictures stand side by side on 80 columns. */
const columns = 36;
const rows = 18;
const dots: number = 2 * columns;
/** A thread is never thinner, or it would have holes. */
const thinnestDots = 0.6;
/** Bits of the dots of a braille character, by line and column. */
const dotBits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

export function keyPictureArt(picture: KeyPicture): readonly string[] {
  const dot = (2 * picture.extent) / dots;
  const isInked = inkOf(picture, dot);
  return Array.from({ length: rows }, (_, row) => {
    let line = '';
    for (let column = 0; column < columns; column += 1) line += brailleAt(isInked, dot, { row, column });
    return line;
  });
}

function brailleAt(
  isInked: (point: Point) => boolean,
  dot: number,
  { row, column }: { readonly row: number; readonly column: number },
): string {
  let bits = 0;
  for (const [down, across] of dotBits.entries()) {
    for (const [right, bit] of across.entries()) {
      const x = (2 * column + right + 0.5 - dots / 2) * dot;
      const y = (4 * row + down + 0.5 - dots / 2) * dot;
      if (isInked({ x, y })) bits |= bit;
    }
  }
  return String.fromCodePoint(0x2800 + bits);
}

function inkOf({ threads }: KeyPicture, dot: number): (point: Point) => boolean {
  const strokes = threads.flatMap((thread) => thread.strokes);
  const tips = threads.map(({ tip }) => tip);
  const middle = { x: 0, y: 0 };
  return (point) =>
    squared(point, middle) <= centreRadius ** 2 ||
    tips.some((tip) => isInTip(point, tip, dot)) ||
    strokes.some((stroke) => isOnStroke(point, stroke, Math.max(stroke.width / 2, thinnestDots * dot)));
}

function isOnStroke(point: Point, { from, to }: Stroke, reach: number): boolean {
  const along = { x: to.x - from.x, y: to.y - from.y };
  const length = along.x ** 2 + along.y ** 2;
  const part = ((point.x - from.x) * along.x + (point.y - from.y) * along.y) / length;
  const nearest = Math.min(1, Math.max(0, part));
  const foot = { x: from.x + nearest * along.x, y: from.y + nearest * along.y };
  return squared(point, foot) <= reach ** 2;
}

function isInTip(point: Point, tip: Tip, dot: number): boolean {
  const away = squared(point, tip.at);
  if (tip.shape === 'disc') return away <= tipRadius ** 2;
  if (tip.shape === 'ring') {
    const inner = Math.max(0, tipRadius - Math.max(2_000, 1.2 * dot));
    return away <= tipRadius ** 2 && away >= inner ** 2;
  }
  const corners = tipCorners(tip);
  return corners.every((corner, at) => {
    const next = corners[(at + 1) % corners.length] ?? corner;
    return (next.x - corner.x) * (point.y - corner.y) - (next.y - corner.y) * (point.x - corner.x) >= 0;
  });
}

function squared(one: Point, other: Point): number {
  return (one.x - other.x) ** 2 + (one.y - other.y) ** 2;
}
