/**
 * Addresses of contacts are looked up again, each once a day, one at a time: their account logs may have grown where we did
 * not hear of it, and other accounts may claim them (spec/directory.md, "Claims").
 */
import { parseAddress } from '@mycelium/protocol';
import type { HeldTexts } from '../client.ts';
import { requireAccount } from '../account/account-row.ts';
import { isFingerprint, keepPinned, takeRival } from '../contacts/choose-account.ts';
import { findContact, putContact } from '../contacts/contact-row.ts';
import { noteCandidates } from '../contacts/rivals.ts';
import { planWork } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { Loop } from '../loop/loop.ts';
import { storedRows, type Rows } from '../loop/rows.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';
import { textKey } from '../store/keys.ts';
import type { ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { findAccounts, type FoundCandidate } from './find-accounts.ts';

const dayMs = 86_400_000;
/** With very many contacts the day is longer: a look-up asks some twenty nodes. */
const everyMsMin = 60_000;
const workName = 'look-up';

/** On every start: the next look-up is planned, if none is. */
export function planLookUps(draft: Draft, ports: StepPorts): void {
  if (draft.get(tables.agenda, textKey(workName)) === undefined) planNext(draft, ports);
}

/** The one whose look-up is longest ago. */
export async function lookUpNext(ports: ClientPorts, stepPorts: StepPorts, loop: Loop): Promise<void> {
  const due = dueContact(storedRows(ports.store), ports.clock.nowMs());
  if (due !== undefined && ports.directory.nodesKnown() > 0) {
    const found = await find(ports, due.address);
    await loop.step((draft) => void noteFound(draft, stepPorts, due.address, found));
  }
  await loop.step((draft) => planNext(draft, stepPorts));
}

function dueContact(rows: Rows, nowMs: number): ContactRow | undefined {
  const [oldest] = lookedUp(rows).toSorted((left, right) => lookedAt(left) - lookedAt(right));
  return oldest !== undefined && nowMs - lookedAt(oldest) >= dayMs ? oldest : undefined;
}

function lookedUp(rows: Rows): readonly ContactRow[] {
  const contacts = rows.scan(tables.contacts).map(({ row }) => row);
  return contacts.filter(({ status }) => status === 'accepted' || status === 'pending');
}

function lookedAt({ lookedUpMs, sinceMs }: ContactRow): number {
  return lookedUpMs ?? sinceMs;
}

/** Spread over the day, at times that nobody who watches can tell from the contacts. */
function planNext(draft: Draft, ports: StepPorts): void {
  const usualMs = Math.max(everyMsMin, dayMs / (2 * Math.max(1, lookedUp(draft).length)));
  const [random = 0] = ports.randomness.bytes(1);
  planWork(draft, workName, draft.nowMs + Math.round(usualMs * (0.5 + random / 256)));
}

async function find(ports: ClientPorts, text: string): Promise<readonly FoundCandidate[]> {
  const address = parseAddress(text);
  return address.ok ? (await findAccounts(ports, address.value)).candidates : [];
}

function noteFound(
  draft: Draft,
  ports: StepPorts,
  address: string,
  found: readonly FoundCandidate[],
): ContactRow | undefined {
  const contact = draft.get(tables.contacts, textKey(address));
  if (contact === undefined) return undefined;
  const looked = putContact(draft, { ...contact, lookedUpMs: draft.nowMs });
  const cards = found.map(({ card }) => card);
  return noteCandidates(draft, ports, looked, cards);
}

/** The person asks for it. */
export async function checkContact(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  to: string,
): Promise<ContactRow> {
  requireAccount(storedRows(ports.store));
  const contact = findContact(storedRows(ports.store), to);
  const found = await find(ports, contact.address);
  return loop.step((draft) => noteFound(draft, stepPorts, contact.address, found) ?? findContact(draft, to));
}

export interface TrustWish {
  readonly address: string;
  readonly fingerprint: string;
  readonly held?: HeldTexts;
}

/** The person has chosen an account: that is the one that is known, or one of those that a look-up finds. */
export async function trustContact(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  wish: TrustWish,
): Promise<ContactRow> {
  const known = findContact(storedRows(ports.store), wish.address);
  const { fingerprint, held } = wish;
  if (isFingerprint(known.accountId, fingerprint)) {
    return loop.step((draft) =>
      keepPinned(draft, stepPorts, findContact(draft, known.address), held ?? 'send'),
    );
  }
  const found = await find(ports, known.address);
  const card = found
    .map((candidate) => candidate.card)
    .find(({ state }) => isFingerprint(state.accountId, fingerprint));
  const choice = { fingerprint, card, texts: held ?? 'drop' };
  return loop.step((draft) => takeRival(draft, stepPorts, findContact(draft, known.address), choice));
}
