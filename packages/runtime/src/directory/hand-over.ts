/**
 * A directory node that goes hands what it holds to those who are then among the closest and lack it
 * (spec/directory-node.md, "Coming and going"), for a bounded time: what is not handed over is still with the others.
 */
import {
  bytesEqual,
  compareDistance,
  decodeDigests,
  decodePutOutcome,
  digestsRequest,
  directoryCommands,
  type ClaimRecord,
  type ClaimTable,
} from '@mycelium/protocol';
import type { Clock } from '../ports/clock.ts';
import type { DirectoryNodes } from './nodes.ts';
import { closestOf, type Candidate } from './walk-path.ts';

export interface HandOverWish {
  readonly nodes: Pick<DirectoryNodes, 'idOf' | 'known' | 'ask'>;
  readonly table: ClaimTable;
  readonly clock: Clock;
  readonly limitMs: number;
}

/** Who of the closest is new among them when one goes: the farthest, and more where some have gone without a word. */
const heirs = 3;
const locatorsAtOnce = 16;

/** Answers how many records somebody took. */
export async function handOver(wish: HandOverWish): Promise<number> {
  const { clock, nodes, table } = wish;
  const known = nodes.known().map((node) => ({ ...node, id: nodes.idOf(node) }));
  if (known.length === 0) return 0;
  let over = false;
  let taken = 0;
  const left = table.locators(clock.nowMs())[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true && !over; next = left.next()) {
      const records = table.get(next.value, clock.nowMs());
      const given = heirsOf(next.value, known).map((node) => giveTo(wish, node, next.value, records));
      for (const count of await Promise.all(given)) taken += count;
    }
  };
  const all = Promise.all(Array.from({ length: locatorsAtOnce }, work));
  const timeUp = Promise.withResolvers<undefined>();
  const cancel = clock.after(wish.limitMs, () => timeUp.resolve(undefined));
  await Promise.race([all, timeUp.promise]);
  over = true;
  cancel();
  return taken;
}

function heirsOf(locator: Uint8Array, known: readonly Candidate[]): readonly Candidate[] {
  const sorted = known.toSorted((left, right) => compareDistance(locator, left.id, right.id));
  return closestOf(sorted, (node) => node).slice(-heirs);
}

async function giveTo(
  { nodes }: HandOverWish,
  node: Candidate,
  locator: Uint8Array,
  records: readonly ClaimRecord[],
): Promise<number> {
  try {
    const digests = { command: directoryCommands.digests, target: locator, value: digestsRequest };
    const { token, value } = await nodes.ask(node, digests);
    const has = value === null ? undefined : decodeDigests(value);
    if (has?.ok !== true) return 0;
    let taken = 0;
    for (const { bytes, digest } of records) {
      if (has.value.some((held) => bytesEqual(held.digest, digest))) continue;
      const put = { command: directoryCommands.put, target: locator, value: bytes, token };
      const outcome = decodePutOutcome((await nodes.ask(node, put)).value);
      if (outcome.ok && outcome.value === 'kept') taken += 1;
    }
    return taken;
  } catch {
    return 0; // it is gone as well
  }
}
