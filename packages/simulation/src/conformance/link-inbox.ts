/** One end of a link under test: what it received, and promises of what it will. */
import { concatBytes } from '@mycelium/protocol';
import type { Link } from '@mycelium/runtime';

export class LinkInbox {
  readonly link: Link;
  /** Resolves with the reason when the link is closed. */
  readonly closed: Promise<string>;
  closedTimes = 0;
  receivedBytes = 0;
  drains = 0;
  /** `slice` of what came copies, as the language says; that of Node's Buffer is a view that holds the whole chunk. */
  slicesAreCopies = true;
  #parts: Uint8Array[] = [];
  #waiting: { readonly bytes: number; readonly resolve: () => void }[] = [];
  #onDrain: (() => void) | undefined;

  constructor(link: Link) {
    this.link = link;
    link.onBytes((bytes) => {
      this.#parts.push(Uint8Array.from(bytes));
      this.receivedBytes += bytes.length;
      if (bytes.slice().buffer === bytes.buffer) this.slicesAreCopies = false;
      this.#waiting = this.#waiting.filter((wait) => {
        if (wait.bytes > this.receivedBytes) return true;
        wait.resolve();
        return false;
      });
    });
    link.onDrain(() => {
      this.drains += 1;
      this.#onDrain?.();
    });
    this.closed = new Promise((resolve) => {
      link.onClose((reason) => {
        this.closedTimes += 1;
        resolve(reason);
      });
    });
  }

  /** Resolves with everything received so far, once that is at least so many bytes. */
  async until(bytes: number): Promise<Uint8Array> {
    if (this.receivedBytes < bytes) {
      await new Promise<void>((resolve) => this.#waiting.push({ bytes, resolve }));
    }
    return this.all();
  }

  all(): Uint8Array {
    const all = concatBytes(...this.#parts);
    this.#parts = [all];
    return all;
  }

  /** Writes each part, holding back as the link asks. */
  async writeAll(parts: Iterable<Uint8Array>): Promise<void> {
    for (const part of parts) {
      if (this.link.write(part)) continue;
      await new Promise<void>((resolve) => {
        this.#onDrain = resolve;
      });
    }
  }
}
