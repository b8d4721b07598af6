/** A `Cancellation` of our own. */
import type { Cancellation } from '../ports/cancellation.ts';

export function createCancellation(): { readonly signal: Cancellation; readonly abort: () => void } {
  const listeners = new Set<() => void>();
  let aborted = false;
  return {
    signal: {
      get aborted() {
        return aborted;
      },
      addEventListener: (_, listener) => {
        listeners.add(listener);
      },
      removeEventListener: (_, listener) => {
        listeners.delete(listener);
      },
    },
    abort() {
      aborted = true;
      for (const listener of listeners) listener();
    },
  };
}
