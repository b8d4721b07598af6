/**
 * The code that a person types into a browser to pair it: eight digits, good once and for five minutes. Five wrong tries
 * end it, so that a program which guesses has one chance in twenty million for each code that the person asks for.
 */
import { createHash, randomInt, timingSafeEqual } from 'node:crypto';

export const codeLifeMs = 300_000;
const triesMax = 5;
const digits = 8;

export interface PairingCode {
  /** Eight digits, a hyphen in their middle. */
  readonly text: string;
  readonly expires: number;
}

export class PairingCodes {
  readonly #nowMs: () => number;
  #open: { readonly hash: Buffer; readonly expires: number; triesLeft: number } | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** A new one; the one before is no good any more. */
  make(): PairingCode {
    const number = String(randomInt(10 ** digits)).padStart(digits, '0');
    const expires = this.#nowMs() + codeLifeMs;
    this.#open = { hash: hashOf(number), expires, triesLeft: triesMax };
    return { text: `${number.slice(0, 4)}-${number.slice(4)}`, expires };
  }

  /** Whether it is the one; then it has been used. */
  use(given: string): boolean {
    const open = this.#open;
    if (open === undefined) return false;
    if (open.expires <= this.#nowMs()) {
      this.#open = undefined;
      return false;
    }
    const right = timingSafeEqual(hashOf(given.replaceAll(/[\s-]/g, '')), open.hash);
    open.triesLeft -= 1;
    if (right || open.triesLeft === 0) this.#open = undefined;
    return right;
  }
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
