/** How the messenger is doing. */
import { formatPeerAddress } from '@mycelium/protocol';
import type { AccountView, ClientStatus } from '../client.ts';
import type { Rows } from '../loop/rows.ts';
import type { ClientPorts } from '../ports.ts';
import { accountRowKey, tables } from '../store/tables.ts';

export function clientStatus(
  ports: Pick<ClientPorts, 'mail' | 'directory'>,
  rows: Rows,
  account: AccountView | undefined,
): ClientStatus {
  const row = rows.get(tables.account, accountRowKey);
  return {
    account,
    peers: ports.mail.peers().map(({ peer, state, path, rttMs, note, direction }) => ({
      address: formatPeerAddress(peer),
      state,
      path,
      rttMs,
      note,
      direction,
    })),
    directoryNodes: ports.directory.nodesKnown(),
    published: row?.published ?? { at: undefined, note: 'there is no account' },
    queued: rows
      .scan(tables.outgoing)
      .filter(({ row: outgoing }) => outgoing.message !== undefined && !outgoing.stored).length,
    contacts: rows.scan(tables.contacts).length,
  };
}
