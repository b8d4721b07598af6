/** Key pictures side by side in a terminal: braille, and the disc in the middle in its colour where there are colours. */
import type { Picture } from '@mycelium/api';

const reset = '\u001b[39m';
/** The disc: so many characters in the middle of the two lines in the middle. */
const discWidth = 4;

/** Each with a line above it; its name goes below. */
export interface Captioned {
  readonly caption: string;
  readonly picture: Picture;
}

export function pictureLines(pictures: readonly Captioned[], colour: boolean): readonly string[] {
  const width = Math.max(...pictures.flatMap(({ picture }) => picture.art.map((line) => line.length)));
  const rows = Math.max(...pictures.map(({ picture }) => picture.art.length));
  const besides = (cells: readonly string[]): string => cells.join('   ').trimEnd();
  const words = (text: (one: Captioned) => string): string =>
    besides(pictures.map((one) => text(one).padEnd(width)));
  const art = Array.from({ length: rows }, (_, row) =>
    besides(pictures.map(({ picture }) => (colour ? coloured(picture, row) : (picture.art[row] ?? '')))),
  );
  return [words(({ caption }) => caption), ...art, words(({ picture }) => picture.name)];
}

function coloured({ art, colour }: Picture, row: number): string {
  const line = art[row] ?? '';
  const middle = art.length / 2;
  if (row !== middle - 1 && row !== middle) return line;
  const from = line.length / 2 - discWidth / 2;
  const to = from + discWidth;
  return `${line.slice(0, from)}${foreground(colour)}${line.slice(from, to)}${reset}${line.slice(to)}`;
}

/** What the 216 colours of terminals are made of. */
const levels = [0, 95, 135, 175, 215, 255];

function foreground(colour: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    nearestLevel(Number.parseInt(colour.slice(at, at + 2), 16)),
  );
  return `\u001b[38;5;${16 + 36 * red + 6 * green + blue}m`;
}

function nearestLevel(value: number): number {
  const distances = levels.map((level) => Math.abs(level - value));
  return distances.indexOf(Math.min(...distances));
}
