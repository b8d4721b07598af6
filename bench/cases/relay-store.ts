/** What the relay's store takes durably, on its own: no sockets, nothing pushed. */
import { openRelayStore } from '@mycelium/node';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Budget, Case, Result } from '../case.ts';
import { median, round, spreadOf } from '../statistics.ts';

const routeCount = 100;
const lanes = 8;
const appendsPerCall = 100;

/** Frames a second: eight callers at once, each with a hundred frames for one queue after the other. */
async function appendRate(calls: number): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mycelium-bench-'));
  const limits = { retentionMs: 30 * 86_400_000, framesPerQueueMax: 1e7, queuesMax: 1e4, bytesMax: 2 ** 34 };
  const store = await openRelayStore({ folder, limits, clock: { nowMs: () => Date.now() } });
  const routes = Array.from({ length: routeCount }, () => randomBytes(16));
  for (const route of routes) await store.open(route, 0, undefined);
  const frame = new Uint8Array(128).fill(1);
  let call = 0;
  const lane = async (): Promise<void> => {
    for (let at = call++; at < calls; at = call++) {
      const route = routes[at % routeCount] ?? frame;
      const appends = Array.from({ length: appendsPerCall }, () => ({ route, frame, index: undefined }));
      const outcomes = await store.append(appends);
      if (outcomes.some(({ kind }) => kind !== 'stored')) throw new Error('every frame is stored');
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: lanes }, lane));
  const seconds = (performance.now() - started) / 1000;
  await store.close();
  rmSync(folder, { recursive: true });
  return (calls * appendsPerCall) / seconds;
}

async function run(budget: Budget): Promise<readonly Result[]> {
  const rates: number[] = [];
  for (let at = 0; at < (budget.quick ? 3 : 6); at += 1)
    rates.push(await appendRate(budget.quick ? 400 : 2_000));
  return [
    {
      case: 'relay-store.append',
      value: round(median(rates) / 1000),
      unit: 'k frames/s',
      spread: spreadOf(rates),
      ratios: {},
      counts:
        'Short frames that the store of a relay says are stored, that is after fdatasync: eight callers at once, a ' +
        'hundred frames a call, a hundred queues. How LMDB and SQLite do: bench/relay-store/measure.ts.',
    },
  ];
}

export const relayStore: Case = { names: ['relay-store.append'], run };
