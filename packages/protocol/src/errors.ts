/**
 * How protocol code says no. Bytes and text that come from outside are never thrown about: a decoder answers
 * with a value, and a refusal names the field and the rule it broke. It never repeats the offending bytes,
 * a secret or an address, so that it can be logged and shown as it is.
 */

/** Why something from outside was not taken. */
export interface Refusal {
  /** Stable, machine readable: `length`, `reserved`, `signature`, … One word from the rules of the spec. */
  readonly code: string;
  /** What was looked at, in the words of the spec: `frame.length`, `invite.expires`. */
  readonly where: string;
  /** The rule and its bound, as a sentence for people. */
  readonly rule: string;
}

export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export function accept<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(
  code: string,
  where: string,
  rule: string,
): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { code, where, rule } };
}

/** For places where a refusal can only be a bug of ours: our own encoder's output, a committed vector. */
export class RefusedError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`${refusal.where}: ${refusal.rule}`);
    this.name = 'RefusedError';
    this.refusal = refusal;
  }
}

export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new RefusedError(result.refusal);
}

/** A bug in this code base: an invariant that no input from outside can break. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${invariant}`);
}
