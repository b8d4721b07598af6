/** Invite links of ours: made, counted, redeemed by their tokens, taken back (spec/identity.md, "Invites"). */
import { bytesEqual, bytesToHex, formatInvite, type AccountId, type Invite } from '@mycelium/protocol';
import { requireAccount } from '../account/account-row.ts';
import { ownCardPointer } from '../account/card.ts';
import { declareIntake } from '../account/create-account.ts';
import { ClientError } from '../client.ts';
import type { InviteWish } from '../invite-views.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import type { Rows } from '../loop/rows.ts';
import type { InviteRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { hasExpired, isOpen, listInviteToken } from './intake-admissions.ts';
import { inviteToken, tokenOf } from './invite-token.ts';

const labelMax = 64;
const usesMax = 10_000;

export function makeInvite(draft: Draft, ports: StepPorts, wish: InviteWish): InviteRow {
  const account = requireAccount(draft);
  const uses = wish.uses ?? 1;
  if (!Number.isSafeInteger(uses) || uses < 1 || uses > usesMax) {
    throw new ClientError('bad-link', `An invite is for 1 to ${usesMax} people.`);
  }
  if (wish.label !== undefined && (wish.label.length > labelMax || !wish.label.isWellFormed())) {
    throw new ClientError('bad-link', `A label is at most ${labelMax} characters.`);
  }
  if (account.relays.length === 0) {
    throw new ClientError(
      'unreachable',
      'There is no relay to invite to: start the node, or name one with "--relay".',
    );
  }
  const id = ports.randomness.bytes(8);
  const secret = ports.randomness.bytes(16);
  const expiresMs = wish.expiresMs === undefined ? undefined : draft.nowMs + wish.expiresMs;
  const invite: Invite = {
    address: account.address,
    accountId: account.accountId,
    card: ownCardPointer(ports.primitives, account),
    token: { id, secret },
    expiresMs: expiresMs ?? 0,
    relays: account.relays,
    bootstrap: account.relays,
  };
  const row: InviteRow = {
    id: bytesToHex(id),
    token: tokenOf({ id, secret }),
    link: formatInvite(ports.primitives, invite),
    label: wish.label,
    usesLeft: uses,
    expiresMs,
    usedBy: [],
    madeMs: draft.nowMs,
  };
  draft.put(tables.invites, id, row);
  listInviteToken(draft, id);
  declareIntake(draft, account);
  return row;
}

/** The link of ours that this token is of, whatever has become of it. */
export function inviteOfToken(draft: Draft, token: Uint8Array): InviteRow | undefined {
  const read = inviteToken(token);
  const invite = read === undefined ? undefined : draft.get(tables.invites, read.id);
  return invite !== undefined && bytesEqual(invite.token, token) ? invite : undefined;
}

/** Whether it is still good for this account; its use is counted then. */
export function redeem(draft: Draft, invite: InviteRow, guest: InviteGuest): boolean {
  const { accountId, address } = guest;
  const name = bytesToHex(accountId);
  if (invite.usedBy.includes(name)) return invite.revokedMs === undefined && !hasExpired(invite, draft.nowMs);
  if (!isOpen(invite, draft.nowMs)) return false;
  const usesLeft = invite.usesLeft === undefined ? undefined : invite.usesLeft - 1;
  const guests = [...(invite.guests ?? []), { address, timeMs: draft.nowMs }];
  draft.put(tables.invites, inviteKey(invite), {
    ...invite,
    usesLeft,
    usedBy: [...invite.usedBy, name],
    guests,
  });
  if (usesLeft === 0) declareIntake(draft, requireAccount(draft));
  return true;
}

export interface InviteGuest {
  readonly accountId: AccountId;
  readonly address: string;
}

/** Nobody comes by it any more without being asked about; those who have come stay. */
export function revokeInvite(draft: Draft, id: string): InviteRow {
  const invite = findInvite(draft, id);
  if (invite.revokedMs !== undefined) return invite;
  const revoked = { ...invite, revokedMs: draft.nowMs };
  draft.put(tables.invites, inviteKey(invite), revoked);
  declareIntake(draft, requireAccount(draft));
  return revoked;
}

/** By its id, or as much of it as tells it from the others. */
function findInvite(rows: Rows, id: string): InviteRow {
  const found = rows.scan(tables.invites).filter(({ row }) => id !== '' && row.id.startsWith(id));
  const [only, another] = found;
  if (another !== undefined)
    throw new ClientError('not-found', `Several invites begin with ${id}: name one by its whole id.`);
  if (only === undefined)
    throw new ClientError('not-found', 'There is no invite with this id: list them to see what there is.');
  return only.row;
}

function inviteKey(invite: InviteRow): Uint8Array {
  return invite.token.subarray(0, 8);
}
