/** The part of the platform's `AbortSignal` that ports need; every `AbortSignal` is one. Runtime code has no platform types. */
export interface Cancellation {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
