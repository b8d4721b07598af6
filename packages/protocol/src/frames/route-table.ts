/**
 * Routes to numbers, for the walk over a batch (walk.ts): which queue of a relay, which feed of a
 * client. Open addressing with linear probing in one array of fixed size, at most a quarter full, so that a look-up
 * reads one cache line in nearly every case and allocates nothing.
 *
 * Slot of eight words: route 4, value + 1 (0: free), 3 unused so that no slot lies across two cache lines. A slot's
 * place is a sum of two words of the route under secret odd factors: whoever makes routes cannot aim at one place.
 */
import { assert } from '../errors.ts';

export const routeUnknown = -1;
const slotsPerRoute = 4;
const slotWords = 8;
const slotValueWord = 4;
const routeCountMax = 1 << 24;
const routeValueMax = 0x7fff_fffe;

/** First word of the slot where the search for a route begins. Takes the route's first two words. */
function homeSlot(table: RouteTable, first: number, second: number): number {
  const sum = Math.imul(first, table.firstFactor) + Math.imul(second, table.secondFactor);
  return (sum >>> table.shift) & table.mask;
}

export class RouteTable {
  /** Most routes that it holds. */
  readonly capacity: number;
  /** Read by `walkFrames` in place. */
  readonly slots: Uint32Array;
  /** Takes word offsets to the start of a slot, around the end. */
  readonly mask: number;
  readonly shift: number;
  readonly firstFactor: number;
  readonly secondFactor: number;
  readonly #key: Uint32Array = new Uint32Array(4);
  #size = 0;

  /** `secret`: two random u32. */
  constructor(capacity: number, secret: readonly [first: number, second: number]) {
    assert(Number.isInteger(capacity) && capacity > 0 && capacity <= routeCountMax, 'a bounded capacity');
    const bits = Math.ceil(Math.log2(capacity * slotsPerRoute));
    this.capacity = capacity;
    this.slots = new Uint32Array(2 ** bits * slotWords);
    this.mask = this.slots.length - slotWords;
    this.shift = 32 - bits - Math.log2(slotWords);
    this.firstFactor = secret[0] | 1;
    this.secondFactor = secret[1] | 1;
  }

  get size(): number {
    return this.#size;
  }

  /** The route's number; `routeUnknown` when it has none. */
  get(route: Uint8Array): number {
    return (this.slots[this.#find(route) + slotValueWord] ?? 0) - 1;
  }

  /** False when the table is full and does not have the route yet. */
  set(route: Uint8Array, value: number): boolean {
    assert(Number.isInteger(value) && value >= 0 && value <= routeValueMax, 'a value is 0 to 2^31 - 2');
    const at = this.#find(route);
    if (this.#isFree(at)) {
      if (this.#size === this.capacity) return false;
      this.#size += 1;
      this.slots.set(this.#key, at);
    }
    this.slots[at + slotValueWord] = value + 1;
    return true;
  }

  /** Whether it was there. */
  delete(route: Uint8Array): boolean {
    let hole = this.#find(route);
    if (this.#isFree(hole)) return false;
    this.#size -= 1;
    // What lies behind the hole, up to the next free slot, moves up unless its home is behind the hole.
    for (let at = this.#after(hole); !this.#isFree(at); at = this.#after(at)) {
      const home = homeSlot(this, this.slots[at] ?? 0, this.slots[at + 1] ?? 0);
      if (this.#distance(home, at) < this.#distance(hole, at)) continue;
      this.slots.copyWithin(hole, at, at + slotWords);
      hole = at;
    }
    this.slots.fill(0, hole, hole + slotWords);
    return true;
  }

  /** First word of the slot that holds the route, or of the free one where it would go. */
  #find(route: Uint8Array): number {
    assert(route.length === 16, 'a route has 16 bytes');
    const { slots } = this;
    const key = this.#key;
    for (let word = 0; word < 4; word += 1) key[word] = wordAt(route, word * 4);
    let at = homeSlot(this, key[0] ?? 0, key[1] ?? 0);
    while (!this.#isFree(at)) {
      if (slots[at] === key[0] && slots[at + 1] === key[1]) {
        if (slots[at + 2] === key[2] && slots[at + 3] === key[3]) return at;
      }
      at = this.#after(at);
    }
    return at;
  }

  #isFree(at: number): boolean {
    return this.slots[at + slotValueWord] === 0;
  }

  #after(at: number): number {
    return (at + slotWords) & this.mask;
  }

  /** Words from one slot forward to another, around the end. */
  #distance(from: number, to: number): number {
    return (to - from) & this.mask;
  }
}

/** As a little-endian machine reads it from a `Uint32Array` over the same bytes. */
function wordAt(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  return (low | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
}
