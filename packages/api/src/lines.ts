/** Newline-delimited text out of pieces of any size, with a bound on one line. */
export class LineReader {
  #partial = '';
  readonly #lengthMax: number;

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  /** The lines that end in `piece`; undefined when a line is longer than the bound: nothing can follow that. */
  read(piece: string): readonly string[] | undefined {
    const lines = piece.split('\n');
    lines[0] = this.#partial + (lines[0] ?? '');
    this.#partial = lines.pop() ?? '';
    if (this.#partial.length > this.#lengthMax || lines.some((line) => line.length > this.#lengthMax))
      return undefined;
    return lines.filter((line) => line.trim() !== '');
  }
}
