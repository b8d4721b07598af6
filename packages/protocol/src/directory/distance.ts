/** Kademlia's metric (spec/directory-node.md, "Walks"). */

/** Which of two ids is closer to the target: negative, the left one. */
export function compareDistance(target: Uint8Array, left: Uint8Array, right: Uint8Array): number {
  for (let at = 0; at < target.length; at += 1) {
    const wanted = target[at] ?? 0;
    const difference = ((left[at] ?? 0) ^ wanted) - ((right[at] ?? 0) ^ wanted);
    if (difference !== 0) return difference;
  }
  return 0;
}
