/**
 * Keys that strangers write to: KeyPackage and intake key (spec/identity.md, "Cards"). Made anew every week; the old
 * ones open what is still on its way for thirty days and are wiped then.
 */
import type { LeafIdentity } from '@mycelium/protocol';
import type { Draft } from '../loop/draft.ts';
import type { Keyed } from '../loop/rows.ts';
import type { StepPorts } from '../ports.ts';
import { numberKey, numberOfKey } from '../store/keys.ts';
import type { IntakeKeyRow, KeyPackageRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import type { Table } from '../store/table.ts';

const keepMs = 30 * 24 * 3_600_000;

export async function makeDeviceKeys(draft: Draft, ports: StepPorts, leaf: LeafIdentity): Promise<void> {
  const { agreement, randomness } = ports;
  const pair = await agreement.createKeyPackage('xwing', leaf);
  const intake = await agreement.createIntakeKey(randomness.bytes(32));
  replace(draft, tables.keyPackages, { ...pair, deviceKey: leaf.deviceKey, replacedMs: undefined });
  replace(draft, tables.intakeKeys, { ...intake, replacedMs: undefined });
}

function replace<Row extends KeyPackageRow | IntakeKeyRow>(
  draft: Draft,
  table: Table<Row>,
  fresh: Row,
): void {
  const rows = draft.scan(table);
  for (const { key, row } of rows) {
    const { replacedMs } = row;
    if (replacedMs === undefined) draft.put(table, key, { ...row, replacedMs: draft.nowMs });
    else if (draft.nowMs - replacedMs > keepMs) {
      draft.delete(table, key);
      draft.retire(secretOf(row));
    }
  }
  const newest = rows.at(-1);
  draft.put(table, numberKey(newest === undefined ? 0 : numberOfKey(newest.key) + 1), fresh);
}

function secretOf(row: KeyPackageRow | IntakeKeyRow): Uint8Array {
  return 'secretKey' in row ? row.secretKey : row.secret;
}

/** Newest first: the first is the one that is published. */
export function keyPackages(draft: Draft): readonly KeyPackageRow[] {
  return newestFirst(draft.scan(tables.keyPackages));
}

export function intakeKeys(draft: Draft): readonly IntakeKeyRow[] {
  return newestFirst(draft.scan(tables.intakeKeys));
}

function newestFirst<Row>(rows: readonly Keyed<Row>[]): readonly Row[] {
  return rows.map(({ row }) => row).toReversed();
}
