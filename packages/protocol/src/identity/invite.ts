/**
 * Invite links: `mycelium:invite/…`, everything for a first contact without a directory (spec/identity.md,
 * "Invites"). Labels, uses and revocation stay with the inviter, who knows a link by its token.
 *
 * | field | size |
 * |---|---|
 * | version | u8, 1 |
 * | length | u16: of everything, checksum included |
 * | address | u16-vector, canonical |
 * | account | 32 |
 * | card | 64: owner key, secret |
 * | token id, token secret | 8, 16 |
 * | expires | u64, ms; 0: never |
 * | relays, bootstrap | peers |
 * | checksum | 4: SHA-256 of "mycelium invite 1", zero byte, everything before |
 */
import { bytesEqual, concatBytes } from '../bytes/compare.ts';
import { decode } from '../bytes/reader.ts';
import { ByteWriter, encodeUtf8 } from '../bytes/writer.ts';
import type { AccountId, PeerAddress } from '../brands.ts';
import { identityVersion } from '../codes.ts';
import { accept, refuse, type Result } from '../errors.ts';
import { inviteBootstrapMax, inviteBytesMax, inviteRelaysMax, inviteTextMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import { readCanonicalAddress } from './account-op.ts';
import { formatBase64Url, parseBase64Url } from './base64url.ts';
import { readCardPointer, writeCardPointer, type CardPointer } from './card-pointer.ts';
import { readPeers, writePeers } from './peer-address.ts';

export interface InviteToken {
  /** 8 bytes: which link it was. */
  readonly id: Uint8Array;
  /** 16 bytes: shows that the link was seen. */
  readonly secret: Uint8Array;
}

export interface Invite {
  /** Canonical text. */
  readonly address: string;
  readonly accountId: AccountId;
  readonly card: CardPointer;
  readonly token: InviteToken;
  /** 0: never. */
  readonly expiresMs: number;
  /** Where the card is. At most 3. */
  readonly relays: readonly PeerAddress[];
  /** Directory nodes to begin with. At most 2. */
  readonly bootstrap: readonly PeerAddress[];
}

const where = 'invite';
const scheme = 'mycelium:invite/';
const headBytes = 3;
const checksumBytes = 4;

/** The link. More relays or bootstrap peers than a link has room for are left out, the last ones first. */
export function formatInvite(primitives: Primitives, invite: Invite): string {
  const writer = new ByteWriter(512);
  writer.text(invite.address).bytes(invite.accountId, 32);
  writeCardPointer(writer, invite.card);
  writer.bytes(invite.token.id, 8).bytes(invite.token.secret, 16).count(invite.expiresMs);
  writePeers(writer, invite.relays.slice(0, inviteRelaysMax));
  writePeers(writer, invite.bootstrap.slice(0, inviteBootstrapMax));
  const body = writer.finish();
  const length = headBytes + body.length + checksumBytes;
  const covered = new ByteWriter(length).u8(identityVersion).u16(length).bytes(body).finish();
  return scheme + formatBase64Url(concatBytes(covered, checksum(primitives, covered)));
}

/**
 * Reads a link as it arrives: also wrapped over lines, in angle brackets, or with `//`. Expired links are
 * refused.
 */
export function parseInvite(primitives: Primitives, input: string, nowMs: number): Result<Invite> {
  if (input.length > inviteTextMax) return refuse('length', where, `is at most ${inviteTextMax} characters`);
  const text = input.replace(/\s+/gu, '').replace(/^<(.*)>$/u, '$1');
  const found = /^mycelium:(?:\/\/)?invite\/(.*)$/iu.exec(text);
  if (found === null) return refuse('scheme', where, `begins with ${scheme}`);
  const bytes = parseBase64Url(found[1] ?? '');
  if (bytes === undefined) {
    const damaged = /[^\w-]/u.test(found[1] ?? '');
    if (damaged) return refuse('text', where, 'has only letters, digits, "-" and "_" after the scheme');
    return refuse('truncated', where, 'is complete: its end is missing');
  }
  const whole = checkWhole(primitives, bytes);
  if (!whole.ok) return whole;
  const invite = decodeBody(whole.value);
  if (!invite.ok) return invite;
  const { expiresMs } = invite.value;
  if (expiresMs !== 0 && expiresMs <= nowMs)
    return refuse('expired', `${where}.expires`, 'is used before it expires');
  return invite;
}

/** Version, length and checksum first, so that a damaged link is called damaged. Answers the fields between. */
function checkWhole(primitives: Primitives, bytes: Uint8Array): Result<Uint8Array> {
  if (bytes.length < headBytes + checksumBytes)
    return refuse('truncated', where, 'is complete: its end is missing');
  if (bytes[0] !== identityVersion) return refuse('version', `${where}.version`, 'is of version 1');
  const length = (bytes[1] ?? 0) | ((bytes[2] ?? 0) << 8);
  if (length > inviteBytesMax || length < headBytes + checksumBytes)
    return refuse('length', `${where}.length`, `is at most ${inviteBytesMax} bytes`);
  if (bytes.length < length)
    return refuse('truncated', where, `is complete: ${length - bytes.length} bytes are missing at its end`);
  if (bytes.length > length)
    return refuse(
      'trailing',
      where,
      `has nothing after its end: ${bytes.length - length} bytes are too many`,
    );
  const covered = bytes.subarray(0, length - checksumBytes);
  if (!bytesEqual(checksum(primitives, covered), bytes.subarray(length - checksumBytes))) {
    return refuse('checksum', `${where}.checksum`, 'is as it was made: some character has changed');
  }
  return accept(covered.subarray(headBytes));
}

function decodeBody(body: Uint8Array): Result<Invite> {
  return decode(body, where, (reader) => ({
    address: readCanonicalAddress(reader, 'address'),
    accountId: reader.bytes('account', 32) as AccountId,
    card: readCardPointer(reader, 'card'),
    token: { id: reader.bytes('token-id', 8), secret: reader.bytes('token-secret', 16) },
    expiresMs: reader.count('expires'),
    relays: readPeers(reader, 'relays', inviteRelaysMax),
    bootstrap: readPeers(reader, 'bootstrap', inviteBootstrapMax),
  }));
}

function checksum(primitives: Primitives, covered: Uint8Array): Uint8Array {
  return primitives
    .sha256(encodeUtf8('mycelium invite 1'), Uint8Array.of(0), covered)
    .subarray(0, checksumBytes);
}
