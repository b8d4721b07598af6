/** What others have said of the account of a contact that does not fit what is known here (spec/messages.md, "Heads"). */
import { compareWithHead, type Primitives } from '@mycelium/protocol';
import { planWork } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import { textKey } from '../store/keys.ts';
import type { DoubtRow } from '../store/rival-rows.ts';
import type { ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { putContact } from './contact-row.ts';
import { tellSecurity } from './tell-security.ts';

/** The newest of each contact who says so, of so many of them. */
const doubtsMax = 8;

export function doubt(draft: Draft, contact: ContactRow, said: Omit<DoubtRow, 'sinceMs'>): void {
  const now = draft.get(tables.contacts, textKey(contact.address)) ?? contact;
  const known = now.doubts ?? [];
  if (known.some(({ by, text }) => by === said.by && text === said.text)) return;
  const others = known.filter(({ by }) => by !== said.by).slice(1 - doubtsMax);
  const { kind, text } = said;
  // Perhaps the directory has the other account, or what was held back.
  putContact(draft, { ...now, lookedUpMs: 0, doubts: [...others, { ...said, sinceMs: draft.nowMs }] });
  planWork(draft, 'look-up', draft.nowMs);
  tellSecurity(draft, { event: 'security', kind, address: contact.address, text });
}

/** Entries that were missing have come: nobody held them back for good. */
export function withoutSettledDoubts(primitives: Primitives, contact: ContactRow): ContactRow {
  const { doubts } = contact;
  if (doubts === undefined) return contact;
  const left = doubts.filter(({ head }) => {
    const comparison = head === undefined ? undefined : compareWithHead(primitives, head, contact.log);
    return comparison !== 'same' && comparison !== 'extension';
  });
  return { ...contact, doubts: left };
}
