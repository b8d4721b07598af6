/**
 * How many queues the connections of each source have open together (spec/mail.md, "Bounds"): an open queue takes some 1.4 KB
 * of a relay's memory, whether or not anything is in it.
 */
export class OpenQueues {
  readonly #max: () => number;
  readonly #openBySource = new Map<string, number>();

  constructor(max: () => number) {
    this.#max = max;
  }

  /** False: it would be one too many. Without a source nothing is counted. */
  take(source: string | undefined): boolean {
    if (source === undefined) return true;
    const open = this.#openBySource.get(source) ?? 0;
    if (open >= this.#max()) return false;
    this.#openBySource.set(source, open + 1);
    return true;
  }

  release(source: string | undefined, count: number): void {
    if (source === undefined || count === 0) return;
    const open = (this.#openBySource.get(source) ?? 0) - count;
    if (open > 0) this.#openBySource.set(source, open);
    else this.#openBySource.delete(source);
  }
}
