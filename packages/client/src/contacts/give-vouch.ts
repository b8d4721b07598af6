/**
 * Vouches that the person gives (spec/trust.md, "Giving"): for contacts whom they verified, to whom they choose and to nobody
 * else. What each was told is kept, so that a revocation reaches everybody who was, and what a relay lost is said again.
 */
import {
  bytesEqual,
  bytesToHex,
  encodeVouches,
  messageKinds,
  parseAddress,
  signVouch,
  vouchesPerMessageMax,
  type AccountId,
  type Vouch,
} from '@mycelium/protocol';
import { accountState, requireAccount } from '../account/account-row.ts';
import { holdsKey } from '../account/create-account.ts';
import { ClientError } from '../client.ts';
import { say } from '../conversation/own-feed.ts';
import type { Draft } from '../loop/draft.ts';
import type { Rows } from '../loop/rows.ts';
import type { StepPorts } from '../ports.ts';
import { keyOf, prefixRange } from '../store/keys.ts';
import type { ContactRow, VouchRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { contactOfAccount, contactState, findContact, ownFeedOf } from './contact-row.ts';
import { isVerified } from './vouchers.ts';

const usualLifeMs = 365 * 86_400_000;

export interface VouchWish {
  /** Whom it is about. */
  readonly address: string;
  /** Addresses of contacts, or all whom the person has accepted. Unless told, only the one that it is about. */
  readonly to?: readonly string[] | 'all';
  /** How long it holds. */
  readonly lifeMs?: number;
}

/** Answers whom it was told. */
export function giveVouch(draft: Draft, ports: StepPorts, wish: VouchWish): readonly string[] {
  const about = findContact(draft, wish.address);
  if (!isVerified(ports.primitives, about)) {
    throw new ClientError(
      'not-verified',
      `You have not verified ${about.address}: compare first, with "mycelium contact verify ${about.address}".`,
    );
  }
  const account = requireAccount(draft);
  const { accountKey } = contactState(ports.primitives, about);
  const issuedMs = nextIssued(draft, about.accountId);
  const expiresMs = issuedMs + (wish.lifeMs ?? usualLifeMs);
  const vouch = {
    kind: 'vouch' as const,
    voucher: account.accountId,
    address: about.address,
    accountId: about.accountId,
    accountKey,
    issuedMs,
    expiresMs,
  };
  const given: VouchRow = { ...vouch, statement: signed(draft, ports, vouch) };
  const recipients = recipientsOf(draft, about, wish.to);
  for (const recipient of recipients) give(draft, ports, recipient, given);
  return recipients.map(({ address }) => address);
}

/** Takes back what was said for the contact from everybody who was told. Answers who that is. */
export function revokeVouch(draft: Draft, ports: StepPorts, address: string): readonly string[] {
  const parsed = parseAddress(address);
  const name = parsed.ok ? parsed.value.text : address;
  const given = draft
    .scan(tables.vouchesGiven)
    .filter(({ row }) => row.kind === 'vouch' && row.address === name);
  if (given.length === 0) {
    throw new ClientError('not-found', `You have not vouched for ${name}.`);
  }
  const { accountId } = requireAccount(draft);
  return given.flatMap(({ key, row }) => {
    const issuedMs = nextIssued(draft, row.accountId);
    const revocation = { ...row, kind: 'revocation' as const, voucher: accountId, issuedMs, expiresMs: 0 };
    const statement = signed(draft, ports, revocation);
    const contact = contactOfAccount(draft, key.slice(0, 32) as AccountId);
    if (contact === undefined) return [];
    give(draft, ports, contact, { ...revocation, statement });
    return [contact.address];
  });
}

function signed(draft: Draft, ports: StepPorts, vouch: Vouch): Uint8Array {
  const account = requireAccount(draft);
  if (!holdsKey(ports.primitives, accountState(ports.primitives, account), account.secrets)) {
    throw new ClientError(
      'phrase-needed',
      'The account has new words, given to it on another device: enter them here with "mycelium account phrase".',
    );
  }
  return signVouch(ports.primitives, vouch, account.secrets.accountSeed);
}

function recipientsOf(draft: Draft, about: ContactRow, to: VouchWish['to']): readonly ContactRow[] {
  if (to === 'all') {
    const all = draft.scan(tables.contacts).map(({ row }) => row);
    return all.filter((contact) => ownFeedOf(draft, contact) !== undefined && contact.status === 'accepted');
  }
  const named = to === undefined || to.length === 0 ? [about] : to.map((name) => findContact(draft, name));
  for (const contact of named) {
    if (contact.status !== 'accepted' || ownFeedOf(draft, contact) === undefined) {
      throw new ClientError(
        'unknown-contact',
        `${contact.address} cannot be told: you have not accepted each other.`,
      );
    }
  }
  return named;
}

/** Later than anything that was said about this account, whatever the clock does. */
function nextIssued(draft: Draft, accountId: AccountId): number {
  const earlier = draft
    .scan(tables.vouchesGiven)
    .filter(({ row }) => bytesEqual(row.accountId, accountId))
    .map(({ row }) => row.issuedMs);
  return Math.max(draft.nowMs, ...earlier.map((issuedMs) => issuedMs + 1));
}

function give(draft: Draft, ports: StepPorts, recipient: ContactRow, given: VouchRow): void {
  draft.put(tables.vouchesGiven, keyOf(recipient.accountId, given.accountId), given);
  sayVouches(draft, ports, recipient, [given.statement]);
}

/** Everything that the contact was told is told again: how things are now, where something was lost or a feed is new. */
export function tellVouches(draft: Draft, ports: StepPorts, contact: ContactRow): void {
  const given = draft.scan(tables.vouchesGiven, prefixRange(contact.accountId));
  const current = given.filter(({ row }) => row.expiresMs === 0 || row.expiresMs > draft.nowMs);
  const statements = current.map(({ row }) => row.statement);
  for (let at = 0; at < statements.length; at += vouchesPerMessageMax)
    sayVouches(draft, ports, contact, statements.slice(at, at + vouchesPerMessageMax));
}

function sayVouches(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  statements: readonly Uint8Array[],
): void {
  const feed = ownFeedOf(draft, contact);
  if (feed === undefined || contact.status !== 'accepted') return;
  say(draft, ports, feed, { kind: messageKinds.vouch, body: encodeVouches(statements) });
}

/** For views: what was said for whom, to whom. */
export interface GivenVouch {
  readonly about: string;
  readonly to: string;
  readonly given: VouchRow;
}

export function givenVouches(rows: Rows): readonly GivenVouch[] {
  return rows.scan(tables.vouchesGiven).map(({ key, row }) => {
    const recipient = contactOfAccount(rows, key.slice(0, 32) as AccountId);
    return { about: row.address, to: recipient?.address ?? bytesToHex(key.slice(0, 32)), given: row };
  });
}
