/**
 * Which relays the account should have, put together from what is known here: those that the person named, else this node when
 * it keeps mail; and to fill up, those that the configuration told of and those of contacts (plan-relays.ts decides).
 */
import { bytesEqual, liveDevices, relaysMax, type PeerAddress, type Primitives } from '@mycelium/protocol';
import { isDirect } from '../contacts/contact-row.ts';
import type { Rows } from '../loop/rows.ts';
import type { StepPorts } from '../ports.ts';
import { neverMet } from '../relays/health.ts';
import { accountRelaysMax, planRelays, type RelayCandidate } from '../relays/plan-relays.ts';
import { hasKey, uniqueByKey } from '../relays/peer-lists.ts';
import { rankRelays } from '../relays/rendezvous.ts';
import { mapKey } from '../store/keys.ts';
import type { AccountRow, RelayRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { accountState, hasRoomForRelays } from './account-row.ts';

type RelayPorts = Pick<StepPorts, 'primitives' | 'ownAddresses' | 'isRelay'>;

/** Relays that nobody named are known up to this many: each is looked at now and then. */
const volunteersMax = 24;

/** The relays that the person chose; for none, this very node when it keeps mail. */
export function namedPeers(rows: Rows, ports: RelayPorts): readonly PeerAddress[] {
  return namedRelays(rows.get(tables.account, accountRowKey), ports).flat();
}

export function wantedRelays(rows: Rows, ports: RelayPorts, nowMs: number): readonly PeerAddress[] {
  const account = rows.get(tables.account, accountRowKey);
  const named = namedRelays(account, ports);
  if (account === undefined) return filledUp(named, []);
  // A relay that does not know its addresses yet is where it was; a copy of a device changes nothing.
  const unsure = named.length === 0 && ports.isRelay;
  if (unsure || account.cloned) return account.relays;
  if (account.unconfirmed) return filledUp(named, []);
  if (!hasRoomForRelays(account.log)) return filledUp(named, account.relays);
  if (!isSenior(ports.primitives, account, nowMs)) return filledUp(named, loggedRelays(ports, account));
  const planned = planRelays(ports.primitives, {
    nowMs,
    place: account.accountId,
    current: uniqueByKey(account.relays),
    candidates: relayCandidates(rows, ports),
    changedMs: account.relaysChangedMs ?? 0,
  });
  return addressesOf(planned.map(({ peers }) => peers)).slice(0, relaysMax);
}

/** One for each key. */
export function relayCandidates(rows: Rows, ports: RelayPorts): readonly RelayCandidate[] {
  const account = rows.get(tables.account, accountRowKey);
  const named = namedRelays(account, ports).map((peers) =>
    candidateOf(rows, peers, { named: true, from: '' }),
  );
  const namedPeers = named.map(({ peers }) => peers[0]);
  const told = toldRelays(rows, account?.relays ?? []).filter(
    ({ peers: [peer] }) => !hasKey(namedPeers, peer),
  );
  const place = account?.accountId ?? new Uint8Array();
  const known = told.map(({ peers }) => peers[0]);
  const drawn = rankRelays(ports.primitives, place, known).slice(0, volunteersMax);
  const volunteers = told
    .filter(({ peers: [peer] }) => drawn.includes(peer) || hasKey(account?.relays ?? [], peer))
    .map(({ peers, from }) => candidateOf(rows, peers, { named: false, from }));
  return [...named, ...volunteers];
}

type OneRelay = readonly [PeerAddress, ...PeerAddress[]];

/** As the person chose them, else this very node when it keeps mail. */
function namedRelays(account: AccountRow | undefined, ports: RelayPorts): readonly OneRelay[] {
  const chosen = account?.chosenRelays ?? [];
  return byKey(chosen.length > 0 ? chosen : ports.isRelay ? ports.ownAddresses() : []);
}

interface Told {
  readonly peers: OneRelay;
  readonly from: string;
}

/** By the configuration, and by the account logs of contacts that were accepted; and what the account has. */
function toldRelays(rows: Rows, current: readonly PeerAddress[]): readonly Told[] {
  const told = new Map<string, Told>();
  const add = (peers: OneRelay, from: string): void => {
    const name = mapKey(peers[0].key);
    if (told.has(name) || rows.get(tables.relays, peers[0].key)?.unwanted === true) return;
    told.set(name, { peers, from });
  };
  for (const { row } of rows.scan(tables.relays)) for (const peers of byKey(row.peers)) add(peers, '');
  for (const { row: contact } of rows.scan(tables.contacts)) {
    if (contact.status !== 'accepted') continue;
    // Whoever is not to learn our IP address does not keep our mail on a device of theirs either.
    const devices = isDirect(contact) ? [] : contact.devices.flatMap(({ addresses }) => addresses);
    for (const peers of byKey(contact.relays)) if (!hasKey(devices, peers[0])) add(peers, contact.address);
  }
  for (const peers of byKey(current)) add(peers, '');
  return [...told.values()];
}

function candidateOf(
  rows: Rows,
  peers: OneRelay,
  about: { readonly named: boolean; readonly from: string },
): RelayCandidate {
  const row: RelayRow | undefined = rows.get(tables.relays, peers[0].key);
  return { peers, ...about, health: row?.health ?? neverMet, replaced: row?.replaced === true };
}

/** The first address of each, and the first one by WebSocket where that is another. */
function byKey(relays: readonly PeerAddress[]): readonly OneRelay[] {
  return uniqueByKey(relays).map((first) => {
    const webSocket = relays.find(
      ({ key, endpoint }) => bytesEqual(key, first.key) && endpoint?.over !== undefined,
    );
    return webSocket === undefined || webSocket === first ? [first] : [first, webSocket];
  });
}

function addressesOf(relays: readonly OneRelay[]): readonly PeerAddress[] {
  return relays.flat();
}

function loggedRelays({ primitives }: RelayPorts, account: AccountRow): readonly PeerAddress[] {
  return accountState(primitives, account).relays;
}

/** Of several devices one changes relays by itself: two that did at the same moment would split the account's log. */
function isSenior(primitives: Primitives, account: AccountRow, nowMs: number): boolean {
  const [eldest] = liveDevices(accountState(primitives, account), nowMs);
  return eldest !== undefined && bytesEqual(eldest.deviceKey, account.device.key);
}

/** What was named for this device, and then what the account's other devices chose. */
function filledUp(named: readonly OneRelay[], logged: readonly PeerAddress[]): readonly PeerAddress[] {
  const relays = [...named.flat(), ...byKey(logged.filter((relay) => !hasKey(named.flat(), relay))).flat()];
  const keys = uniqueByKey(relays).slice(0, accountRelaysMax);
  return relays.filter((relay) => hasKey(keys, relay)).slice(0, relaysMax);
}
