/**
 * Whose introductions need no stamp (spec/mail-clients.md, "Intake"): who was given a link of ours that is good, and who gave us
 * one that we have just used, since they answer by the same token.
 */
import { intakeTokensMax, introductionPartsMax } from '@mycelium/protocol';
import type { IntakeAdmission } from '@mycelium/runtime';
import type { Rows } from '../loop/rows.ts';
import type { Draft } from '../loop/draft.ts';
import type { InviteRow } from '../store/rows.ts';
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

/** The newest that there is room for: the others are as good with a stamp. */
export function intakeAdmissions(draft: Pick<Draft, 'nowMs'> & Rows): readonly IntakeAdmission[] {
  const invites = draft
    .scan(tables.invites)
    .map(({ row }) => row)
    .filter((invite) => isOpen(invite, draft.nowMs))
    .map((invite) => ({ sinceMs: invite.madeMs ?? 0, admission: admissionByInvite(invite) }));
  const answers = draft
    .scan(tables.contacts)
    .map(({ row }) => row)
    .filter(({ status, token }) => status === 'pending' && token.length > 0)
    .map(({ sinceMs, token }) => ({ sinceMs, admission: admissionToAnswer(token, sinceMs) }));
  return [...answers, ...invites]
    .toSorted((one, other) => other.sinceMs - one.sinceMs)
    .flatMap(({ admission }) => (admission === undefined ? [] : [admission]))
    .slice(0, intakeTokensMax);
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
