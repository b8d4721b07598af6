/** What has to be stopped, last started first. One failure does not keep the others from stopping. */

export class Teardown {
  readonly #steps: (() => void | undefined | Promise<void>)[] = [];
  readonly #failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  add(step: () => void | undefined | Promise<void>): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        this.#failed(error);
      }
    }
  }
}
