/**
 * A contact of whom no relay was there for an hour has perhaps gone to others, and cannot tell us so where we look: then its card is
 * looked for in the directory, and its account log taken from there (spec/mail-clients.md, "Choice of relays").
 */
import { bytesEqual, encodeAccountLog, parseAddress } from '@mycelium/protocol';
import { takeLog } from '../contacts/pinned-log.ts';
import { planWork, workDone } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { Loop } from '../loop/loop.ts';
import { storedRows, type Rows } from '../loop/rows.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';
import { isMissed } from '../relays/health.ts';
import { relayRow } from '../relays/name-relays.ts';
import { textKey } from '../store/keys.ts';
import type { ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { findAccounts } from './find-accounts.ts';

const workName = 'find-relays';
const againMs = 2 * 3_600_000;

function isLost(rows: Rows, { status, relays }: ContactRow): boolean {
  return (
    status === 'accepted' &&
    relays.length > 0 &&
    relays.every((relay) => isMissed(relayRow(rows, relay).health))
  );
}

/** Plans to look for those who are lost. */
export function missContacts(draft: Draft): void {
  for (const { row: contact } of draft.scan(tables.contacts)) {
    const name = `${workName}:${contact.address}`;
    if (!isLost(draft, contact) || draft.get(tables.agenda, textKey(name)) !== undefined) continue;
    planWork(draft, name, draft.nowMs);
  }
}

export async function findRelays(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  name: string,
): Promise<void> {
  const rows = storedRows(ports.store);
  const contact = rows.get(tables.contacts, textKey(name.slice(workName.length + 1)));
  const address = contact === undefined ? undefined : parseAddress(contact.address);
  if (contact === undefined || address?.ok !== true || !isLost(rows, contact)) {
    return loop.step((draft) => workDone(draft, name));
  }
  const { candidates } = await findAccounts(ports, address.value);
  const found = candidates.find(({ card }) => bytesEqual(card.state.accountId, contact.accountId));
  return loop.step((draft) => {
    const known = draft.get(tables.contacts, textKey(contact.address));
    // What the directory has may be older than what we have: that is no reason to doubt anybody.
    if (found !== undefined && known !== undefined && found.card.log.length > known.log.length) {
      takeLog(draft, stepPorts, known, encodeAccountLog(found.card.log));
    }
    planWork(draft, name, draft.nowMs + againMs);
  });
}
