/**
 * One path of a walk (spec/directory-node.md, "Walks"): candidates, closest first, and who has answered. It ends when the
 * closest that answered have nobody closer left to ask.
 */
import { compareDistance, countedNetwork, type NodeAddress } from '@mycelium/protocol';

/** k of Kademlia, and of hyperdht. */
export const closestMax = 20;
/**
 * Nodes of one network among the closest: whoever has one address has 65,536 ids to choose from, and would be all of the
 * closest to any locator.
 */
export const closestOfNetworkMax = 2;
/** And among those that wait to be asked: names cost nothing. */
const waitingOfNetworkMax = 4;

export interface Candidate extends NodeAddress {
  readonly id: Uint8Array;
}

/** The closest, in their order, without more of one network than may be. */
export function closestOf<T>(sorted: readonly T[], addressOf: (item: T) => NodeAddress): readonly T[] {
  const countByNetwork = new Map<string, number>();
  const closest: T[] = [];
  for (const item of sorted) {
    if (closest.length === closestMax) break;
    const network = countedNetwork(addressOf(item));
    const count = network === undefined ? 0 : (countByNetwork.get(network) ?? 0);
    if (count >= closestOfNetworkMax) continue;
    if (network !== undefined) countByNetwork.set(network, count + 1);
    closest.push(item);
  }
  return closest;
}

export class WalkPath {
  readonly #target: Uint8Array;
  readonly #countByNetwork = new Map<string, number>();
  #waiting: Candidate[] = [];
  #answered: Candidate[] = [];
  /** Asked and neither answered nor slow. */
  pending = 0;
  asked = 0;

  constructor(target: Uint8Array) {
    this.#target = target;
  }

  add(candidate: Candidate): void {
    const network = countedNetwork(candidate);
    if (network !== undefined) {
      const count = (this.#countByNetwork.get(network) ?? 0) + 1;
      if (count > waitingOfNetworkMax) return;
      this.#countByNetwork.set(network, count);
    }
    const at = this.#waiting.findIndex(({ id }) => compareDistance(this.#target, candidate.id, id) < 0);
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, candidate);
  }

  answeredBy(candidate: Candidate): void {
    const all = [...this.#answered, candidate];
    all.sort((left, right) => compareDistance(this.#target, left.id, right.id));
    this.#answered = [...closestOf(all, (node) => node)];
  }

  /** The closest node that nobody asked, while it can still be one of the closest that answer. */
  next(): Candidate | undefined {
    const closest = this.#waiting[0];
    const farthest = this.#answered[closestMax - 1];
    if (closest === undefined) return undefined;
    if (farthest !== undefined && compareDistance(this.#target, closest.id, farthest.id) > 0)
      return undefined;
    return this.#waiting.shift();
  }
}
