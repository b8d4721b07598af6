/**
 * The person decides between accounts that claim one address (spec/identity.md, "Contested addresses"): the one that is known stays,
 * or another one takes its place. The history stays either way.
 */
import {
  accountFingerprint,
  bytesEqual,
  concatBytes,
  pairConversationId,
  type AccountId,
  type ConversationId,
  type VerifiedCard,
} from '@mycelium/protocol';
import { requireAccount } from '../account/account-row.ts';
import { ClientError, type HeldTexts } from '../client.ts';
import { sayAgain } from '../conversation/say-again.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { prefixRange } from '../store/keys.ts';
import type { RivalRow } from '../store/rival-rows.ts';
import type { ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { ask } from './ask.ts';
import { contactOfAccount, putContact } from './contact-row.ts';
import { openRivals, rivalsMax } from './evidence.ts';
import { heldTexts, hold, release, setState } from './hold.ts';
import { tell } from './pinned-log.ts';
import { forgetConversation, forgetRivals } from './standing.ts';
import { acceptRequest, takeIntroduction } from './take-introduction.ts';

/** Blank or upper case, as people copy it. */
export function isFingerprint(accountId: AccountId, typed: string): boolean {
  const bare = (text: string): string => text.replaceAll(/\s+/gu, '').toLowerCase();
  return bare(accountFingerprint(accountId)) === bare(typed);
}

/** The account that is pinned is the right one: those that claim its address now are turned down. */
export async function keepPinned(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  texts: HeldTexts,
): Promise<ContactRow> {
  forgetRivals(draft, ports, contact);
  const rivals = (contact.rivals ?? []).map((rival) => ({ ...rival, turnedDown: true }));
  const kept = putContact(draft, { ...contact, rivals, chosen: true, doubts: [] });
  return kept.heldSinceMs === undefined ? kept : release(draft, ports, kept, texts);
}

export interface Choice {
  readonly fingerprint: string;
  readonly texts: HeldTexts;
  /** Of the chosen account, when the directory has it. */
  readonly card: VerifiedCard | undefined;
}

/** Another account takes the place of the one that is pinned: as one that introduced itself, or as one that is asked. */
export async function takeRival(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  choice: Choice,
): Promise<ContactRow> {
  const accountId = chosenAccount(contact, choice);
  const conversation = pairConversationId(ports.primitives, requireAccount(draft).accountId, accountId);
  const introductions = draft.scan(tables.requests, prefixRange(conversation)).map(({ row }) => row);
  const held = heldTexts(draft, hold(draft, contact));
  forgetRivals(draft, ports, contact);
  forgetConversation(draft, contact);
  moveHistory(draft, contact.conversation, conversation);
  for (const bytes of introductions) await takeIntroduction(draft, ports, bytes);
  const begun = await beginWith(draft, ports, contactOfAccount(draft, accountId), choice.card);
  const rivals = rivalsOf(draft, contact, accountId);
  const { label, policy } = contact;
  const kept = policy === undefined ? { label } : { label, policy };
  const taken = putContact(draft, { ...begun, ...kept, rivals, chosen: true });
  tell(
    draft,
    taken,
    'key-change',
    `You chose another account (${accountFingerprint(accountId)}) as ${contact.address}: what was said before was said with the earlier one.`,
  );
  for (const { id } of held) sayToChosen(draft, ports, taken, { id, texts: choice.texts });
  return taken;
}

function chosenAccount(contact: ContactRow, { fingerprint, card }: Choice): AccountId {
  const rival = openRivals(contact).find(({ accountId }) => isFingerprint(accountId, fingerprint));
  const accountId = card?.state.accountId ?? rival?.accountId;
  if (accountId !== undefined) return accountId;
  const all = [contact, ...openRivals(contact)].map((one) => accountFingerprint(one.accountId));
  throw new ClientError(
    'not-found',
    `No account that claims ${contact.address} has this fingerprint. Those that do: ${all.join(', and ')}.`,
  );
}

async function beginWith(
  draft: Draft,
  ports: StepPorts,
  asked: ContactRow | undefined,
  card: VerifiedCard | undefined,
): Promise<ContactRow> {
  if (asked?.status === 'request') return acceptRequest(draft, ports, asked);
  if (asked !== undefined) return asked;
  if (card === undefined) {
    throw new ClientError(
      'unreachable',
      'This account cannot be asked now: its card was found nowhere. Try again when its relays can be reached.',
    );
  }
  return ask(draft, ports, { card, token: new Uint8Array(), greeting: '' });
}

/** Every other account that has claimed the address, the earlier one among them: the person has decided against them. */
function rivalsOf(
  draft: Draft,
  { accountId, rivals = [] }: ContactRow,
  chosen: AccountId,
): readonly RivalRow[] {
  const earlier: RivalRow = { accountId, seenIn: 'introduction', sinceMs: draft.nowMs, turnedDown: true };
  const others = rivals.filter((rival) => !bytesEqual(rival.accountId, chosen));
  return [...others.map((rival) => ({ ...rival, turnedDown: true })), earlier].slice(-rivalsMax);
}

/** A conversation is of two accounts: with another one, what was said before stands in another conversation. */
function moveHistory(draft: Draft, from: ConversationId, to: ConversationId): void {
  for (const { key, row } of draft.scan(tables.messages, prefixRange(from))) {
    const moved = concatBytes(to, key.subarray(from.length));
    draft.delete(tables.messages, key);
    draft.put(tables.messages, moved, { ...row, conversation: to });
    draft.put(tables.messageKeys, row.id, moved);
  }
}

function sayToChosen(
  draft: Draft,
  ports: StepPorts,
  taken: ContactRow,
  { id, texts }: { readonly id: Uint8Array; readonly texts: HeldTexts },
): void {
  const key = draft.get(tables.messageKeys, id);
  const message = key === undefined ? undefined : draft.get(tables.messages, key);
  if (message === undefined) return;
  if (texts === 'send') sayAgain(draft, ports, taken, { message: { ...message, state: 'stored' }, again: 0 });
  else setState(draft, message, 'failed');
}
