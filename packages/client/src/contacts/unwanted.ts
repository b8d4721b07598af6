/**
 * Introductions of people who are blocked or ignored: the same pieces that other relays bring are dropped as they come. Kept in
 * memory alone, because such people are to leave nothing behind on the disk; after a restart a copy is put together once more.
 */
import { mapKey } from '../store/keys.ts';

const rememberedMax = 1_024;

export class UnwantedIntroductions {
  readonly #ids = new Set<string>();

  has(introductionId: Uint8Array): boolean {
    return this.#ids.has(mapKey(introductionId));
  }

  add(introductionId: Uint8Array): void {
    this.#ids.add(mapKey(introductionId));
    if (this.#ids.size <= rememberedMax) return;
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest);
      return;
    }
  }
}
