/** Ids of many simulated nodes, sorted, so that whole buckets are ranges. The first 48 bits stand for an id. */
const bits = 48;

export interface IdOrder {
  /** Numbers of nodes whose id shares the first `shared` bits with `id` and differs in the next. In order of their ids. */
  bucket(id: Uint8Array, shared: number): { readonly from: number; readonly to: number };
  /** Node at a place of the order. */
  at(place: number): number;
  readonly count: number;
}

export function orderIds(ids: readonly Uint8Array[]): IdOrder {
  const heads = Float64Array.from(ids, headOf);
  const order = Uint32Array.from(ids, (_, number) => number);
  order.sort((left, right) => (heads[left] ?? 0) - (heads[right] ?? 0));
  const placeOf = (head: number): number => {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((heads[order[middle] ?? 0] ?? 0) < head) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    bucket(id, shared) {
      if (shared >= bits) return { from: 0, to: 0 };
      const size = 2 ** (bits - shared - 1);
      const start = Math.floor(headOf(id) / size);
      const sibling = start % 2 === 0 ? start + 1 : start - 1;
      return { from: placeOf(sibling * size), to: placeOf((sibling + 1) * size) };
    },
    at: (place) => order[place] ?? 0,
    count: order.length,
  };
}

export function sharedBits(left: Uint8Array, right: Uint8Array): number {
  for (let at = 0; at < left.length; at += 1) {
    const difference = (left[at] ?? 0) ^ (right[at] ?? 0);
    if (difference !== 0) return at * 8 + Math.clz32(difference) - 24;
  }
  return left.length * 8;
}

function headOf(id: Uint8Array): number {
  let head = 0;
  for (let at = 0; at < bits / 8; at += 1) head = head * 256 + (id[at] ?? 0);
  return head;
}
