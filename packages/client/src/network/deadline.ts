/** Time that passes by the client's clock: a cancellation that comes by itself, and a pause. */
import type { Cancellation, Clock } from '@mycelium/runtime';

export function deadline(
  clock: Clock,
  withinMs: number,
): { readonly cancellation: Cancellation; readonly clear: () => void; readonly abort: () => void } {
  const listeners = new Set<() => void>();
  let aborted = false;
  const abort = (): void => {
    aborted = true;
    for (const listener of listeners) listener();
  };
  const clear = clock.after(withinMs, abort);
  const cancellation: Cancellation = {
    get aborted() {
      return aborted;
    },
    addEventListener: (_type, listener) => void listeners.add(listener),
    removeEventListener: (_type, listener) => void listeners.delete(listener),
  };
  return { cancellation, clear, abort };
}

export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => void clock.after(delayMs, resolve));
}
