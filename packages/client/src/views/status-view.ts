/** How the messenger is doing. */
import { formatPeerAddress } from '@mycelium/protocol';
import type { AccountView, ClientStatus } from '../client.ts';
import { evidenceOf } from '../contacts/evidence.ts';
import { judge } from '../contacts/trust.ts';
import type { Rows } from '../loop/rows.ts';
import type { ClientPorts } from '../ports.ts';
import { mapKey } from '../store/keys.ts';
import type { ContactRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { relayViews } from './relay-view.ts';

export function clientStatus(
  ports: Pick<ClientPorts, 'mail' | 'directory' | 'primitives' | 'clock' | 'ownAddresses' | 'isRelay'>,
  rows: Rows,
  account: AccountView | undefined,
): ClientStatus {
  const row = rows.get(tables.account, accountRowKey);
  const contacts = rows.scan(tables.contacts).map((stored) => stored.row);
  const contactAt = addressesByDevice(contacts);
  return {
    account,
    peers: ports.mail.peers().map(({ peer, ...view }) => ({
      ...view,
      address: formatPeerAddress(peer),
      contact: contactAt.get(mapKey(peer.key)),
    })),
    relays: relayViews(rows, ports),
    directoryNodes: ports.directory.nodesKnown(),
    published: row?.published ?? { at: undefined, note: 'there is no account' },
    queued: rows
      .scan(tables.outgoing)
      .filter(({ row: outgoing }) => outgoing.message !== undefined && !outgoing.stored).length,
    contacts: contacts.filter(({ status }) => status !== 'ignored').length,
    doubts: contacts.flatMap((contact) => doubtsOf(rows, ports, contact)),
  };
}

function doubtsOf(
  rows: Rows,
  { primitives, clock }: Pick<ClientPorts, 'primitives' | 'clock'>,
  contact: ContactRow,
): ClientStatus['doubts'] {
  if (contact.status === 'blocked' || contact.status === 'ignored') return [];
  const { trust, reason } = judge(evidenceOf(rows, { primitives, nowMs: clock.nowMs() }, contact));
  const texts = (contact.doubts ?? []).map(({ text }) => text);
  if (trust === 'contested') texts.unshift(reason);
  return texts.map((text) => ({ address: contact.address, text }));
}

/** Whose device has a transport key. A relay is nobody's, even where a contact runs it. */
function addressesByDevice(contacts: readonly ContactRow[]): ReadonlyMap<string, string> {
  const byKey = new Map<string, string>();
  for (const { address, devices } of contacts.toReversed()) {
    for (const { key } of devices.flatMap(({ addresses }) => addresses)) byKey.set(mapKey(key), address);
  }
  return byKey;
}
