/**
 * Intake tokens (spec/mail.md, "Tokens"): who was given an invite appends to the inviter's intake queue without a stamp. From
 * the token of the invite follow an id and a key for one queue at one relay. The relay is told them by the queue's
 * owner; the token itself, which redeems the invite, does not follow from them.
 */
import type { TransportKey } from '../brands.ts';
import type { ByteReader } from '../bytes/reader.ts';
import { type ByteWriter, encodeUtf8 } from '../bytes/writer.ts';
import { concatBytes } from '../bytes/compare.ts';
import type { InviteToken } from '../identity/invite.ts';
import { intakeTokensMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import { requestIdAt, requestIdBytes } from './control-header.ts';

export const intakeTokenIdBytes = 8;
export const intakeTokenKeyBytes = 32;
const tokenInfo = encodeUtf8('mycelium intake token 1');
const authenticatorPrefix = encodeUtf8('mycelium intake authenticator 1\0');

/** A token as one relay knows it, for one queue. */
export interface IntakeTokenKeys {
  /** 8 bytes. */
  readonly id: Uint8Array;
  /** 32 bytes, for HMAC-SHA-256. */
  readonly key: Uint8Array;
}

/** What the owner of an intake queue tells a relay of a token. */
export interface IntakeGrant extends IntakeTokenKeys {
  /** How many frames it is good for, all those that it has let in before included. */
  readonly frames: number;
  /** ms; 0: never. */
  readonly expiresMs: number;
}

/** Another route or relay gives another id and key: what is said to one relay is of no use at the next. */
export function intakeTokenKeys(
  primitives: Pick<Primitives, 'hkdf'>,
  token: InviteToken,
  route: Uint8Array,
  relay: TransportKey,
): IntakeTokenKeys {
  const info = concatBytes(tokenInfo, route, relay);
  const bytes = primitives.hkdf(token.secret, token.id, info, intakeTokenIdBytes + intakeTokenKeyBytes);
  return { id: bytes.slice(0, intakeTokenIdBytes), key: bytes.slice(intakeTokenIdBytes) };
}

/** 12 bytes of HMAC-SHA-256 over the frame without its request id, whose place they take. */
export function intakeAuthenticator(
  primitives: Pick<Primitives, 'hmacSha256'>,
  key: Uint8Array,
  frame: Uint8Array,
): Uint8Array {
  const before = frame.subarray(0, requestIdAt);
  const after = frame.subarray(requestIdAt + requestIdBytes);
  return primitives.hmacSha256(key, authenticatorPrefix, before, after).subarray(0, requestIdBytes);
}

/** `frame` is a decoded intake frame's bytes. */
export function intakeIsAuthentic(
  primitives: Pick<Primitives, 'hmacSha256' | 'equal'>,
  key: Uint8Array,
  frame: Uint8Array,
): boolean {
  const given = frame.subarray(requestIdAt, requestIdAt + requestIdBytes);
  return primitives.equal(intakeAuthenticator(primitives, key, frame), given);
}

export function writeIntakeGrants(writer: ByteWriter, grants: readonly IntakeGrant[]): void {
  writer.list(grants, ({ id, key, frames, expiresMs }) => {
    writer.bytes(id, intakeTokenIdBytes).bytes(key, intakeTokenKeyBytes).u32(frames).count(expiresMs);
  });
}

export function readIntakeGrants(reader: ByteReader): readonly IntakeGrant[] {
  const ids = new Set<string>();
  return reader.list('tokens', intakeTokensMax, () => {
    const grant = {
      id: reader.bytes('token id', intakeTokenIdBytes),
      key: reader.bytes('token key', intakeTokenKeyBytes),
      frames: reader.u32('token frames'),
      expiresMs: reader.count('token expires'),
    };
    if (grant.frames === 0) reader.refuse('token frames', 'range', 'is not zero');
    const name = grant.id.join();
    if (ids.has(name)) reader.refuse('token id', 'repeated', 'is of one token in the list');
    ids.add(name);
    return grant;
  });
}
