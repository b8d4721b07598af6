/**
 * Introductions that have been dealt with: the copies of them that other relays bring change nothing. The newest few
 * thousand are remembered, and in which order they came.
 */
import type { Draft } from '../loop/draft.ts';
import type { Rows } from '../loop/rows.ts';
import { numberKey, numberOfKey } from '../store/keys.ts';
import { tables } from '../store/tables.ts';

const introducedMax = 4_096;

export function wasIntroduced(rows: Rows, introductionId: Uint8Array): boolean {
  return rows.get(tables.introduced, introductionId) !== undefined;
}

export function rememberIntroduction(draft: Draft, introductionId: Uint8Array): void {
  const newest = draft.scan(tables.introducedInOrder, { reverse: true, limit: 1 })[0];
  const place = newest === undefined ? listIntroduced(draft) : numberOfKey(newest.key) + 1;
  draft.put(tables.introduced, introductionId, numberKey(draft.nowMs));
  draft.put(tables.introducedInOrder, numberKey(place), introductionId);
  for (const { key, row } of draft.scan(tables.introducedInOrder, {
    to: numberKey(Math.max(0, place + 1 - introducedMax)),
  })) {
    draft.delete(tables.introduced, row);
    draft.delete(tables.introducedInOrder, key);
  }
}

/** Stores did not keep the order at first. Answers the next place. */
function listIntroduced(draft: Draft): number {
  const known = draft.scan(tables.introduced);
  const inOrder = known.toSorted((one, other) => numberOfKey(one.row) - numberOfKey(other.row));
  for (const [place, { key }] of inOrder.entries())
    draft.put(tables.introducedInOrder, numberKey(place), key);
  return known.length;
}
