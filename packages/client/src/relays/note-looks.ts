/** What one round of looks at relays showed, in their rows. Nothing is learned from a round in which nobody answered. */
import type { PeerAddress } from '@mycelium/protocol';
import type { PeerReport } from '@mycelium/runtime';
import type { Draft } from '../loop/draft.ts';
import { tables } from '../store/tables.ts';
import { isAway, observe } from './health.ts';
import { hasKey } from './peer-lists.ts';
import { relayRow } from './name-relays.ts';

export interface Seen {
  readonly peer: PeerAddress;
  /** Undefined: it could not be reached. */
  readonly report: PeerReport | undefined;
  /** It takes none of our queues. */
  readonly refuses: boolean;
}

/** True: one is away now that was there, or back. */
export function noteLooks(draft: Draft, seen: readonly Seen[]): boolean {
  if (seen.every(({ report }) => report === undefined)) return false;
  let turned = false;
  for (const { peer, report, refuses } of seen) {
    const row = relayRow(draft, peer);
    const look =
      report === undefined ? ({ kind: 'away' } as const) : { kind: 'there' as const, report, refuses };
    const health = observe(row.health, look, draft.nowMs);
    turned ||= isAway(health) !== isAway(row.health);
    draft.put(tables.relays, peer.key, { ...row, health, lookedMs: draft.nowMs });
  }
  return turned;
}

/** Those that nobody speaks of any more. What the person took away is remembered. */
export function forgetRelays(draft: Draft, known: readonly PeerAddress[]): void {
  for (const { key, row } of draft.scan(tables.relays)) {
    if (!row.unwanted && !hasKey(known, { key } as PeerAddress)) draft.delete(tables.relays, key);
  }
}
