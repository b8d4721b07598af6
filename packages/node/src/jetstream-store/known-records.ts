/** Where the frames of a queue are in its stream, as far as this front-end has written, read or heard: to find them at once. */
import type { LoggedRecord } from './record.ts';

export interface KnownRecord {
  readonly seq: number;
  /** Its frames have the indices from here up to `next`. */
  readonly from: number;
  readonly next: number;
}

const knownMax = 1024;

export class KnownRecords {
  /** In order, of index and sequence both. */
  #records: KnownRecord[] = [];

  add({ seq, next, count }: LoggedRecord): void {
    if (count === 0) return;
    const known = { seq, from: next - count, next };
    const last = this.#records.at(-1);
    if (last === undefined || last.next <= known.from) this.#records.push(known);
    else this.#insert(known);
    if (this.#records.length > knownMax) this.#records = this.#records.slice(knownMax / 2);
  }

  #insert(known: KnownRecord): void {
    const at = this.#firstBehind(known.from);
    const there = this.#records[at];
    if (there === undefined || known.next <= there.from) this.#records.splice(at, 0, known);
  }

  /** Position of the first that has frames at or above `index`. */
  #firstBehind(index: number): number {
    let low = 0;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#records[middle]?.next ?? 0) > index) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The record with this frame. */
  at(index: number): KnownRecord | undefined {
    const found = this.#records[this.#firstBehind(index)];
    return found !== undefined && found.from <= index ? found : undefined;
  }

  /** Sequences of the record with this frame and of those that follow it without a hole. */
  run(index: number, recordsMax: number): readonly number[] {
    const sequences: number[] = [];
    let wanted = index;
    for (let at = this.#firstBehind(index); sequences.length < recordsMax; at += 1) {
      const record = this.#records[at];
      if (record === undefined || record.from > wanted) break;
      sequences.push(record.seq);
      wanted = record.next;
    }
    return sequences;
  }

  /** The nearest records below and above a frame: it lies between them. */
  around(index: number): {
    readonly below: KnownRecord | undefined;
    readonly above: KnownRecord | undefined;
  } {
    const at = this.#firstBehind(index);
    return { below: this.#records[at - 1], above: this.#records[at] };
  }

  /** A sequence below which no frame from `first` on can be: zero when we do not know. */
  heldFrom(first: number): number {
    const { below, above } = this.around(first);
    if (above !== undefined && above.from <= first) return above.seq;
    return below === undefined ? 0 : below.seq + 1;
  }

  forgetBelow(index: number): void {
    this.#records = this.#records.slice(this.#firstBehind(index));
  }
}
