/**
 * A map from byte strings, as keys of rows are. Strings as keys would cost more than what is looked up: a string is
 * made and hashed for each look, and keys here are up to 104 bytes.
 */
import { bytesEqual } from '@mycelium/protocol';

interface Entry<Value> {
  readonly key: Uint8Array;
  value: Value;
  next: Entry<Value> | undefined;
}

export class KeyMap<Value> {
  readonly #entries = new Map<number, Entry<Value>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: Uint8Array): Value | undefined {
    return this.#find(hashOf(key), key)?.value;
  }

  /** The key is kept, not copied. */
  set(key: Uint8Array, value: Value): void {
    const hash = hashOf(key);
    const found = this.#find(hash, key);
    if (found !== undefined) {
      found.value = value;
      return;
    }
    this.#entries.set(hash, { key, value, next: this.#entries.get(hash) });
    this.#size += 1;
  }

  delete(key: Uint8Array): void {
    const hash = hashOf(key);
    if (this.#find(hash, key) === undefined) return;
    let kept: Entry<Value> | undefined;
    for (let entry = this.#entries.get(hash); entry !== undefined; entry = entry.next) {
      if (!bytesEqual(entry.key, key)) kept = { key: entry.key, value: entry.value, next: kept };
    }
    if (kept === undefined) this.#entries.delete(hash);
    else this.#entries.set(hash, kept);
    this.#size -= 1;
  }

  clear(): void {
    this.#entries.clear();
    this.#size = 0;
  }

  values(): Value[] {
    const values: Value[] = [];
    for (let entry of this.#entries.values()) {
      values.push(entry.value);
      while (entry.next !== undefined) {
        entry = entry.next;
        values.push(entry.value);
      }
    }
    return values;
  }

  #find(hash: number, key: Uint8Array): Entry<Value> | undefined {
    let entry = this.#entries.get(hash);
    while (entry !== undefined && !bytesEqual(entry.key, key)) entry = entry.next;
    return entry;
  }
}

/** What keys of one table differ in stands in their last bytes: an id, or a number behind one. */
const hashedBytes = 32;

/** FNV-1a (draft-eastlake-fnv). Keys that collide are found one after the other: maps here are small. */
function hashOf(key: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let at = Math.max(0, key.length - hashedBytes); at < key.length; at += 1)
    hash = Math.imul(hash ^ (key[at] ?? 0), 0x01000193);
  return hash;
}
