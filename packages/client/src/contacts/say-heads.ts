/**
 * Tells a contact which account logs were seen here, so that both find out when they were shown different ones
 * (spec/messages.md, "Heads"): a minute after something was said, when it changed, at most once an hour.
 */
import {
  bytesToHex,
  compareBytes,
  concatBytes,
  encodeHeads,
  hexToBytes,
  messageKinds,
  sealSharedHead,
  sharedHeadBytes,
  sharedHeadsMax,
  type AccountHead,
  type Primitives,
} from '@mycelium/protocol';
import { accountState, requireAccount } from '../account/account-row.ts';
import { say } from '../conversation/own-feed.ts';
import { planWork, workDone } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { numberKey, textKey } from '../store/keys.ts';
import type { ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { acquaintances, someOthersThan, type Acquaintance } from './acquaintances.ts';
import { contactState, ownFeedOf, putContact } from './contact-row.ts';

const afterMs = 60_000;
const everyMs = 3_600_000;
const dayMs = 86_400_000;
/** The rest in another step, so that nobody waits for it. */
const hashesAtOnce = 2;
const pauseMs = 250;

/** After something was said, or was heard that the other one should know of. */
export function planHeads(draft: Draft, contact: ContactRow): void {
  const name = `heads:${bytesToHex(contact.conversation)}`;
  if (contact.status !== 'accepted' || draft.get(tables.agenda, textKey(name)) !== undefined) return;
  planWork(draft, name, Math.max(draft.nowMs + afterMs, (contact.headsSaidMs ?? 0) + everyMs));
}

/** `name`: of the work. */
export function sayHeads(draft: Draft, ports: StepPorts, name: string): void {
  workDone(draft, name);
  const conversation = hexToBytes(name.slice(name.indexOf(':') + 1));
  const key = conversation === undefined ? undefined : draft.get(tables.contactAddresses, conversation);
  const contact = key === undefined ? undefined : draft.get(tables.contacts, key);
  const feed = contact === undefined ? undefined : ownFeedOf(draft, contact);
  if (contact?.status !== 'accepted' || feed === undefined) return;
  const { primitives } = ports;
  const chosen = chosenToday(draft, primitives, contact);
  const { known: shared, complete } = acquaintances(draft, ports, chosen, hashesAtOnce);
  if (!complete) return planWork(draft, name, draft.nowMs + pauseMs);
  const own = accountState(primitives, requireAccount(draft)).head;
  const reader = contactState(primitives, contact).head;
  const digest = digestOf(primitives, [own, reader, ...shared.map((one) => headOf(primitives, one))]);
  if (compareBytes(contact.headsDigest ?? new Uint8Array(), digest) === 0) return;
  const place = { conversation: contact.conversation, salt: ports.randomness.bytes(16) };
  const entries = shared.map((one) =>
    sealSharedHead(primitives, one.secret, place, {
      accountId: one.contact.accountId,
      head: headOf(primitives, one),
    }),
  );
  while (entries.length < sharedHeadsMax) entries.push(ports.randomness.bytes(sharedHeadBytes));
  const body = encodeHeads({ own, reader, salt: place.salt, shared: entries.toSorted(compareBytes) });
  say(draft, ports, feed, { kind: messageKinds.heads, body });
  putContact(draft, { ...contact, headsSaidMs: draft.nowMs, headsDigest: digest });
}

function headOf(primitives: Primitives, { contact }: Acquaintance): AccountHead {
  return contactState(primitives, contact).head;
}

/** Of very many others each day some, so that all have their turn. */
function chosenToday(draft: Draft, primitives: Primitives, contact: ContactRow): readonly ContactRow[] {
  const day = numberKey(Math.floor(draft.nowMs / dayMs));
  const from = primitives.sha256(contact.conversation, day);
  return someOthersThan(draft, contact, { from, count: sharedHeadsMax });
}

function digestOf(primitives: Primitives, heads: readonly AccountHead[]): Uint8Array {
  return primitives.sha256(concatBytes(...heads.map(({ hash }) => hash)));
}
