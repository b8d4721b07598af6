/** The end that a long benchmark keeps to, however slow the machine: what has not come by then is not waited for. */

/** Not measured, and why. */
export class LateError extends Error {
  override readonly name = 'LateError';
}

export class Deadline {
  readonly #minutes: number;
  readonly #at: number;
  #stage = 'it began';

  constructor(minutes: number) {
    this.#minutes = minutes;
    this.#at = performance.now() + minutes * 60_000;
  }

  get leftMs(): number {
    return this.#at - performance.now();
  }

  /** What is done from now on, for those who look at the terminal and for `LateError`: “100 contacts are met”. */
  enter(stage: string): void {
    this.#stage = stage;
    process.stderr.write(`  ${Math.ceil(this.leftMs / 60_000)} min left: ${stage}\n`);
  }

  /** Rejects with a `LateError` where the work has not ended in time; the work is left to itself then. */
  async meet<T>(work: Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(this.#late()), Math.max(0, this.leftMs));
    work.catch(() => undefined);
    try {
      return await Promise.race([work, promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Refuses work that is expected to take longer than there is left. */
  expect(work: string, expectedMs: number): void {
    if (expectedMs <= this.leftMs) return;
    const [expected, left] = [expectedMs, Math.max(0, this.leftMs)].map((ms) => (ms / 60_000).toFixed(1));
    throw new LateError(
      `not measured: ${work} would take ${expected} min, and ${left} of ${this.#minutes} were left`,
    );
  }

  #late(): LateError {
    return new LateError(`not measured: ${this.#minutes} min were over while ${this.#stage}`);
  }
}
