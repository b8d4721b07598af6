/**
 * Values by route key (route.ts), immutable: a change makes a new map and copies a few short lists, however long the map
 * is. A connection may have tens of thousands of queues open, and the serving machine (server.ts) makes a new state with
 * every read of its socket.
 *
 * A tree with a branch for each digit (half a byte) of the key; what stands below is a list as long as that is short.
 * Routes are hashes, so the tree is even. Who makes keys that begin alike makes their own connection slower.
 */
const listLengthMax = 8;
const digitsMax = 32;
const branches = 16;

interface Entry<Value> {
  readonly key: string;
  readonly value: Value;
}

type List<Value> = readonly Entry<Value>[];

/** A list, or a child for each digit. */
type Node<Value> = { readonly list: List<Value> } | { readonly children: readonly Node<Value>[] };

const empty: Node<never> = { list: [] };

export class RouteMap<Value> {
  readonly #root: Node<Value>;
  readonly size: number;

  private constructor(root: Node<Value>, size: number) {
    this.#root = root;
    this.size = size;
  }

  static empty<Value>(): RouteMap<Value> {
    return new RouteMap<Value>(empty, 0);
  }

  get(key: string): Value | undefined {
    return this.#find(key)?.value;
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  with(key: string, value: Value): RouteMap<Value> {
    return new RouteMap(put(this.#root, 0, { key, value }), this.has(key) ? this.size : this.size + 1);
  }

  without(key: string): RouteMap<Value> {
    return this.has(key) ? new RouteMap(remove(this.#root, 0, key), this.size - 1) : this;
  }

  /** The next key in their order, after the last one the first; undefined: there is none. Takes turns among all keys. */
  keyAfter(key: string): string | undefined {
    return firstAbove(this.#root, 0, key) ?? firstAbove(this.#root, 0, undefined);
  }

  *[Symbol.iterator](): Generator<readonly [string, Value]> {
    yield* entriesOf(this.#root);
  }

  #find(key: string): Entry<Value> | undefined {
    let node = this.#root;
    for (let depth = 0; 'children' in node; depth += 1) node = node.children[digitOf(key, depth)] ?? empty;
    for (const entry of node.list) if (entry.key === key) return entry;
    return undefined;
  }
}

function digitOf(key: string, depth: number): number {
  const byte = key.charCodeAt(depth >> 1);
  return depth % 2 === 0 ? (byte >> 4) & 0xf : byte & 0xf;
}

function put<Value>(node: Node<Value>, depth: number, entry: Entry<Value>): Node<Value> {
  if ('children' in node) {
    const digit = digitOf(entry.key, depth);
    return withChild(node.children, digit, put(node.children[digit] ?? empty, depth + 1, entry));
  }
  const at = node.list.findIndex(({ key }) => key === entry.key);
  if (at >= 0) return { list: node.list.with(at, entry) };
  const list = [...node.list, entry];
  return list.length <= listLengthMax || depth >= digitsMax ? { list } : split(list, depth);
}

function split<Value>(list: List<Value>, depth: number): Node<Value> {
  let node: Node<Value> = { children: Array.from({ length: branches }, () => empty) };
  for (const entry of list) node = put(node, depth, entry);
  return node;
}

/** Only keys that are there. Branches that become short stay: what was open once mostly is again. */
function remove<Value>(node: Node<Value>, depth: number, key: string): Node<Value> {
  if ('list' in node) return { list: node.list.filter((entry) => entry.key !== key) };
  const digit = digitOf(key, depth);
  return withChild(node.children, digit, remove(node.children[digit] ?? empty, depth + 1, key));
}

function withChild<Value>(children: readonly Node<Value>[], digit: number, child: Node<Value>): Node<Value> {
  return { children: children.with(digit, child) };
}

/** The smallest key above `bound`; undefined: the smallest of all. */
function firstAbove<Value>(node: Node<Value>, depth: number, bound: string | undefined): string | undefined {
  if ('list' in node) {
    let first: string | undefined;
    for (const { key } of node.list) {
      if (bound !== undefined && key <= bound) continue;
      if (first === undefined || key < first) first = key;
    }
    return first;
  }
  const from = bound === undefined ? 0 : digitOf(bound, depth);
  for (let digit = from; digit < branches; digit += 1) {
    const inner = digit === from ? bound : undefined;
    const found = firstAbove(node.children[digit] ?? empty, depth + 1, inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

function* entriesOf<Value>(node: Node<Value>): Generator<readonly [string, Value]> {
  if ('list' in node) for (const { key, value } of node.list) yield [key, value];
  else for (const child of node.children) yield* entriesOf(child);
}
