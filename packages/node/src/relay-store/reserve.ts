/**
 * A file of zeros that keeps some room on the disk: what trims and upkeep need to make more room when there is none.
 * While it is spent, no new mail is taken; it is made again as soon as the disk has room for it.
 */
import path from 'node:path';
import type { Clock } from '@mycelium/runtime';
import type { LogFiles } from './files.ts';

const name = 'reserve';
const pieceBytes = 1 << 16;
const retryMs = 1000;

export class Reserve {
  readonly #files: LogFiles;
  readonly #file: string;
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #bytes: number;
  #there = false;
  /** The disk was full: try no earlier than this. */
  #retryAtMs = 0;

  constructor(files: LogFiles, folder: string, clock: Pick<Clock, 'nowMs'>, bytes: number) {
    this.#files = files;
    this.#file = path.join(folder, name);
    this.#clock = clock;
    this.#bytes = bytes;
  }

  /** There is room for new mail as far as we know. */
  async ready(): Promise<boolean> {
    if (this.#there) return true;
    const nowMs = this.#clock.nowMs();
    // A clock that was set back must not keep us from trying.
    if (nowMs < this.#retryAtMs && this.#retryAtMs - nowMs <= retryMs) return false;
    this.#retryAtMs = nowMs + retryMs;
    this.#there = await this.#make();
    return this.#there;
  }

  async #make(): Promise<boolean> {
    try {
      const file = await this.#files.open(this.#file);
      try {
        const zeros = new Uint8Array(pieceBytes);
        for (let at = file.size; at < this.#bytes; at += pieceBytes) await file.write(zeros, at);
        await file.sync();
      } finally {
        await file.close();
      }
      return true;
    } catch {
      await this.#files.remove(this.#file).catch(() => undefined);
      return false;
    }
  }

  /** False when there is nothing to spend. */
  async spend(): Promise<boolean> {
    if (!this.#there) return false;
    this.#there = false;
    this.#retryAtMs = this.#clock.nowMs() + retryMs;
    return this.#files.remove(this.#file).then(
      () => true,
      () => false,
    );
  }
}
