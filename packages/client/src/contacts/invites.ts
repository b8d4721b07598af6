/** Invite links of ours: made, counted, redeemed by their tokens (spec/identity.md, "Invites"). */
import {
  bytesEqual,
  bytesToHex,
  concatBytes,
  formatInvite,
  type AccountId,
  type Invite,
} from '@mycelium/protocol';
import { requireAccount } from '../account/account-row.ts';
import { ownCardPointer } from '../account/card.ts';
import { ClientError, type InviteView } from '../client.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import type { InviteRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';

const labelMax = 64;
const usesMax = 10_000;

export interface InviteWish {
  readonly uses?: number;
  readonly expiresMs?: number;
  readonly label?: string;
}

/** `expiresMs`: how long from now on. Without `uses` it is for one person. */
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
    token: concatBytes(id, secret),
    link: formatInvite(ports.primitives, invite),
    label: wish.label,
    usesLeft: uses,
    expiresMs,
    usedBy: [],
  };
  draft.put(tables.invites, id, row);
  return row;
}

/** The invite, when the token is of one that is still good for this account; its use is counted then. */
export function redeemToken(draft: Draft, token: Uint8Array, accountId: AccountId): InviteRow | undefined {
  if (token.length !== 24) return undefined;
  const id = token.subarray(0, 8);
  const invite = draft.get(tables.invites, id);
  if (invite === undefined || !bytesEqual(invite.token, token)) return undefined;
  if (invite.expiresMs !== undefined && invite.expiresMs <= draft.nowMs) return undefined;
  const name = bytesToHex(accountId);
  if (invite.usedBy.includes(name)) return invite;
  if (invite.usesLeft === undefined) return invite;
  if (invite.usesLeft <= 0) return undefined;
  const used = { ...invite, usesLeft: invite.usesLeft - 1, usedBy: [...invite.usedBy, name] };
  draft.put(tables.invites, id, used);
  return used;
}

export function inviteView(row: InviteRow): InviteView {
  return { id: row.id, link: row.link, label: row.label, usesLeft: row.usesLeft, expires: row.expiresMs };
}
