/**
 * Whose introductions need no stamp (spec/mail-clients.md, "Intake"): who was given a link of ours that is good, and who gave us
 * one that we have just used, since they answer by the same token.
 */
import { concatBytes, intakeTokensMax, introductionPartsMax } from '@mycelium/protocol';
import type { IntakeAdmission } from '@mycelium/runtime';
import type { Draft } from '../loop/draft.ts';
import { textKey } from '../store/keys.ts';
import type { ContactRow, InviteRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { inviteToken } from './invite-token.ts';

/** The answer comes from each device of theirs. */
const answeringDevices = 4;
/** How long an answer is waited for. */
const answerWithinMs = 30 * 86_400_000;

/** Still to be used, as far as time and number go. */
export function isOpen(invite: InviteRow, nowMs: number): boolean {
  return invite.revokedMs === undefined && invite.usesLeft !== 0 && !hasExpired(invite, nowMs);
}

export function hasExpired({ expiresMs }: InviteRow, nowMs: number): boolean {
  return expiresMs !== undefined && expiresMs <= nowMs;
}

const [ofInvite, ofContact] = [0, 1];

/** The token of this row may let somebody in. What is listed once is looked at until it does not any more. */
export function listInviteToken(draft: Draft, inviteKey: Uint8Array): void {
  draft.put(tables.admitting, concatBytes(Uint8Array.of(ofInvite), inviteKey), inviteKey);
}

export function listContactToken(draft: Draft, contact: ContactRow): void {
  const key = textKey(contact.address);
  draft.put(tables.admitting, concatBytes(Uint8Array.of(ofContact), key), key);
}

/** Stores had no such list at first. On every start: one that is empty costs a look at all. */
export function listTokens(draft: Draft): void {
  if (draft.scan(tables.admitting, { limit: 1 }).length > 0) return;
  for (const { key, row } of draft.scan(tables.invites))
    if (isOpen(row, draft.nowMs)) listInviteToken(draft, key);
  for (const { row } of draft.scan(tables.contacts)) if (isAwaited(row)) listContactToken(draft, row);
}

/** The newest that there is room for: the others are as good with a stamp. */
export function intakeAdmissions(draft: Draft): readonly IntakeAdmission[] {
  const dated: { readonly sinceMs: number; readonly admission: IntakeAdmission }[] = [];
  for (const { key, row } of draft.scan(tables.admitting)) {
    const found = key[0] === ofInvite ? datedInvite(draft, row) : datedContact(draft, row);
    if (found === undefined) draft.delete(tables.admitting, key);
    else dated.push(found);
  }
  return dated
    .toSorted((one, other) => other.sinceMs - one.sinceMs)
    .map(({ admission }) => admission)
    .slice(0, intakeTokensMax);
}

interface Dated {
  readonly sinceMs: number;
  readonly admission: IntakeAdmission;
}

function datedInvite(draft: Draft, key: Uint8Array): Dated | undefined {
  const invite = draft.get(tables.invites, key);
  if (invite === undefined || !isOpen(invite, draft.nowMs)) return undefined;
  const admission = admissionByInvite(invite);
  return admission && { sinceMs: invite.madeMs ?? 0, admission };
}

function datedContact(draft: Draft, key: Uint8Array): Dated | undefined {
  const contact = draft.get(tables.contacts, key);
  if (contact === undefined || !isAwaited(contact)) return undefined;
  const { sinceMs, token } = contact;
  const admission = admissionToAnswer(token, sinceMs);
  return admission && { sinceMs, admission };
}

function isAwaited({ status, token }: ContactRow): boolean {
  return status === 'pending' && token.length > 0;
}

function admissionByInvite(invite: InviteRow): IntakeAdmission | undefined {
  const token = inviteToken(invite.token);
  const people = (invite.usesLeft ?? 0) + invite.usedBy.length;
  if (token === undefined || people === 0) return undefined;
  return { token, frames: people * introductionPartsMax, expiresMs: invite.expiresMs ?? 0 };
}

function admissionToAnswer(token: Uint8Array, sinceMs: number): IntakeAdmission | undefined {
  const read = inviteToken(token);
  const frames = answeringDevices * introductionPartsMax;
  return read && { token: read, frames, expiresMs: sinceMs + answerWithinMs };
}
