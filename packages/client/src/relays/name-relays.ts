/** What a person or the configuration says of relays, in the rows of those relays. */
import { bytesEqual, type PeerAddress } from '@mycelium/protocol';
import type { Draft } from '../loop/draft.ts';
import type { Rows } from '../loop/rows.ts';
import type { RelayRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { neverMet } from './health.ts';
import { hasKey, uniqueByKey } from './peer-lists.ts';

const unknown: RelayRow = { peers: [], health: neverMet, lookedMs: 0, replaced: false, unwanted: false };

export function relayRow(rows: Rows, { key }: PeerAddress): RelayRow {
  return rows.get(tables.relays, key) ?? unknown;
}

/** The person's choice was `before` and is `now`: what they took away does not come back by itself. */
export function nameRelays(draft: Draft, before: readonly PeerAddress[], now: readonly PeerAddress[]): void {
  for (const relay of uniqueByKey([...now, ...before])) {
    const unwanted = !hasKey(now, relay);
    draft.put(tables.relays, relay.key, { ...relayRow(draft, relay), unwanted, replaced: false });
  }
}

/** Nodes that the configuration names for something else: some of them keep mail too. */
export function tellRelays(draft: Draft, told: readonly PeerAddress[]): void {
  for (const { key, row } of draft.scan(tables.relays)) {
    const peers = told.filter((peer) => bytesEqual(peer.key, key));
    if (peers.length !== row.peers.length) draft.put(tables.relays, key, { ...row, peers });
  }
  for (const { key } of uniqueByKey(told)) {
    const peers = told.filter((peer) => bytesEqual(peer.key, key));
    draft.put(tables.relays, key, { ...relayRow(draft, { key }), peers });
  }
}
