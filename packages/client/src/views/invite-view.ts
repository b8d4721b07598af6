/** An invite link as the person sees it: what is left of it, and whom it brought. */
import type { CameBy, InviteState, InviteView } from '../invite-views.ts';
import { hasExpired } from '../contacts/intake-admissions.ts';
import type { InviteRow } from '../store/rows.ts';

export function inviteView(row: InviteRow, nowMs: number): InviteView {
  return {
    id: row.id,
    link: row.link,
    label: row.label,
    usesLeft: row.usesLeft,
    expires: row.expiresMs,
    made: row.madeMs,
    state: inviteState(row, nowMs),
    used: row.usedBy.length,
    guests: (row.guests ?? []).map(({ address, timeMs }) => ({ address, time: timeMs })),
  };
}

export function cameBy(row: InviteRow, nowMs: number): CameBy {
  return { invite: row.id, label: row.label, state: inviteState(row, nowMs) };
}

function inviteState(row: InviteRow, nowMs: number): InviteState {
  if (row.revokedMs !== undefined) return 'revoked';
  if (row.usesLeft === 0) return 'used-up';
  return hasExpired(row, nowMs) ? 'expired' : 'open';
}
