/**
 * Once a minute: how the account's relays are, and those that could take their place (spec/mail-clients.md, "Choice of relays").
 * Those that are in use anyhow cost nothing; where nothing is wrong the others are asked once in a while.
 */
import type { PeerAddress } from '@mycelium/protocol';
import { requireAccount } from '../account/account-row.ts';
import { lookAtAddresses } from '../account/maintain.ts';
import { relayCandidates } from '../account/wanted-relays.ts';
import { declareQueuesOf } from '../conversation/declare.ts';
import { planWork } from '../loop/agenda.ts';
import type { Loop } from '../loop/loop.ts';
import { storedRows, type Rows } from '../loop/rows.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';
import { relayRow } from '../relays/name-relays.ts';
import { forgetRelays, noteLooks, type Seen } from '../relays/note-looks.ts';
import { accountRelaysMax } from '../relays/plan-relays.ts';
import type { RelayRefusals } from '../relays/refusals.ts';
import { hasKey, uniqueByKey } from '../relays/peer-lists.ts';
import { tables } from '../store/tables.ts';
import { deadline } from './deadline.ts';
import { missContacts } from './find-relays.ts';

export const relaysEveryMs = 60_000;
const meetWithinMs = 8_000;
/** So many tell whether it is we who are cut off. */
const sparesAtOnce = 6;
/** How often those are asked that are not needed now. */
const sparesEveryMs = 6 * 3_600_000;

export async function lookAtRelays(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  { refusals, name }: { readonly refusals: RelayRefusals; readonly name: string },
): Promise<void> {
  const rows = storedRows(ports.store);
  const { due, spares } = relaysToMeet(rows, ports, stepPorts);
  const look = (peers: readonly PeerAddress[]): Promise<readonly Seen[]> =>
    Promise.all(peers.map((peer) => meet(ports, refusals, peer)));
  const first = await look(due);
  // Are they all away, or are we?
  const alone = first.every(({ report }) => report === undefined);
  const seen = alone ? [...first, ...(await look(spares.slice(0, sparesAtOnce)))] : first;
  await loop.step((draft) => {
    const turned = noteLooks(draft, seen);
    const { relays, chosenRelays } = requireAccount(draft);
    const candidates = relayCandidates(draft, stepPorts).map(({ peers }) => peers[0]);
    forgetRelays(draft, [...relays, ...chosenRelays, ...candidates]);
    lookAtAddresses(draft, stepPorts);
    if (turned)
      for (const { row: contact } of draft.scan(tables.contacts)) declareQueuesOf(draft, stepPorts, contact);
    missContacts(draft);
    planWork(draft, name, draft.nowMs + relaysEveryMs);
  });
}

/** This node itself is not asked: it would answer whatever is wrong with the network. */
function relaysToMeet(
  rows: Rows,
  ports: ClientPorts,
  stepPorts: StepPorts,
): { readonly due: readonly PeerAddress[]; readonly spares: readonly PeerAddress[] } {
  const { relays } = requireAccount(rows);
  const nowMs = ports.clock.nowMs();
  const own = ports.ownAddresses();
  const used = ports.mail.peers().flatMap(({ peer, direction }) => (direction === 'out' ? [peer] : []));
  const others = (peers: readonly PeerAddress[]): readonly PeerAddress[] =>
    uniqueByKey(peers).filter((peer) => !hasKey(own, peer));
  const current = others(relays);
  const wanting =
    uniqueByKey(relays).length < accountRelaysMax ||
    current.some((peer) => {
      const { health } = relayRow(rows, peer);
      return health.awayLooks > 0 || health.refusesSinceMs > 0;
    });
  const spares = relayCandidates(rows, stepPorts).map(({ peers }) => peers[0]);
  const isDue = (peer: PeerAddress): boolean => {
    const { lookedMs } = relayRow(rows, peer);
    return wanting || hasKey(used, peer) || Math.abs(nowMs - lookedMs) >= sparesEveryMs;
  };
  const due = others([...current, ...spares.filter(isDue)]);
  return { due, spares: others(spares).filter((peer) => !hasKey(due, peer)) };
}

async function meet(ports: ClientPorts, refusals: RelayRefusals, peer: PeerAddress): Promise<Seen> {
  const limit = deadline(ports.clock, meetWithinMs);
  try {
    const report = await ports.mail.meet(peer, limit.cancellation);
    return { peer, report, refuses: refusals.refuses(peer) };
  } finally {
    limit.clear();
  }
}
