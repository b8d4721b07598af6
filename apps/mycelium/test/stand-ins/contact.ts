/** Contacts and invites as the stand-in client has them, whoever they are of. */
import type { ContactView, InviteView, InviteWish } from '@mycelium/client';

export function standInContact(address: string, state: ContactView['state']): ContactView {
  return {
    address,
    trust: 'pinned',
    trustReason: 'seen first today',
    wayUp: 'Compare the safety number.',
    vouchers: [],
    safetyNumber: '12345 67890',
    fingerprint: 'four five six',
    rivals: [],
    doubts: [],
    held: 0,
    state,
    conversation: Buffer.from(address).toString('hex'),
    label: undefined,
    policy: 'direct',
    greeting: state === 'request' ? 'Hi' : undefined,
    cameBy: undefined,
  };
}

export function standInInvite(id: string, { label, uses, expiresMs }: InviteWish): InviteView {
  return {
    id,
    link: 'mycelium:invite',
    label,
    usesLeft: uses,
    expires: expiresMs === undefined ? undefined : 1_700_000_000_000 + expiresMs,
    made: 1_700_000_000_000,
    state: 'open',
    used: 0,
    guests: [],
  };
}
