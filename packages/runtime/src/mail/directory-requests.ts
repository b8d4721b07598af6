/** What one link has asked of the directory and not heard of (spec/mail.md, "Directory"). */
import { bytesToHex, type Found, type MailError } from '@mycelium/protocol';
import type { DirectoryAnswer } from './agent.ts';

/** What a relay may send for one look-up, and some. */
const recordsMax = 64;

/** Undefined: the peer cannot be reached, does not offer it, or refused. */
export type Asked = DirectoryAnswer | undefined;

export class DirectoryRequests {
  readonly #waiting = new Map<
    string,
    { readonly parts: Uint8Array[]; readonly answered: (answer: Asked) => void }
  >();

  readonly #write: (frame: Uint8Array) => void;
  #over = false;

  constructor(write: (frame: Uint8Array) => void) {
    this.#write = write;
  }

  /** `answered` hears undefined when the peer refused, or the link ended first. */
  ask(frame: Uint8Array, requestId: Uint8Array, answered: (answer: Asked) => void): void {
    if (this.#over) return answered(undefined);
    this.#waiting.set(bytesToHex(requestId), { parts: [], answered });
    return this.#write(frame);
  }

  /** False: nobody asked that here. */
  found({ requestId, more, records, nodes, accepted, outcome }: Found): boolean {
    const name = bytesToHex(requestId);
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) return false;
    for (const record of records) waiting.parts.push(record.slice());
    if (more && waiting.parts.length < recordsMax) return true;
    this.#waiting.delete(name);
    waiting.answered({ nodes, accepted, outcome, records: waiting.parts });
    return true;
  }

  refused({ requestId }: MailError): boolean {
    const name = bytesToHex(requestId);
    const waiting = this.#waiting.get(name);
    this.#waiting.delete(name);
    waiting?.answered(undefined);
    return waiting !== undefined;
  }

  ended(): void {
    this.#over = true;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { answered } of waiting) answered(undefined);
  }
}
