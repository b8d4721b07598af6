/**
 * `open` (21) and its answer `opened` (22): a member proves that it may read or write a queue (spec/mail.md, "Open").
 *
 * The signature covers the challenge and the transport key of the side that serves, so that a relay cannot pass
 * on a challenge of another relay and open our queue there.
 */
import { controlFrameTypes, openRoles } from '../codes.ts';
import type { Result } from '../errors.ts';
import { bytesEqual } from '../bytes/compare.ts';
import { signedBytes } from '../identity/signed.ts';
import { stampDifficultyMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import { ByteWriter } from '../bytes/writer.ts';
import {
  type ControlHeader,
  decodeControl,
  encodeControl,
  largeControlBytes,
  smallControlBytes,
} from './control-header.ts';
import { readIntakeGrants, writeIntakeGrants, type IntakeGrant } from './intake-token.ts';
import { routeOf } from './route.ts';

export const openContext = 'mycelium open 1';

export type OpenRole = keyof typeof openRoles;

export interface OpenRequest extends ControlHeader {
  readonly role: OpenRole;
  /** Of an intake queue, opened by its owner: leading zero bits that stamps need. Undefined: only the owner appends. */
  readonly intakeDifficulty: number | undefined;
  /** Of an intake queue: all tokens that are good from now on. Left out: none, to a server that knows nothing of them. */
  readonly intakeTokens?: readonly IntakeGrant[];
  readonly readerPublicKey: Uint8Array;
  readonly ownerPublicKey: Uint8Array;
  /** Owner: index of the oldest frame it still has, every reader having confirmed all below. Reader: zero. */
  readonly base: number;
}

export interface Open extends OpenRequest {
  readonly kind: 'open';
  readonly signature: Uint8Array;
}

export interface Opened extends ControlHeader {
  readonly kind: 'opened';
  /** Lowest index that may still be there. */
  readonly first: number;
  /** The index that the next frame gets. */
  readonly next: number;
  /** To the owner: the last 16 bytes of the frame at next − 1. Undefined: not known, or not the owner. */
  readonly lastTag: Uint8Array | undefined;
}

/** Who is spoken to: what a signature in `open` is bound to. */
export interface ServerIdentity {
  /** From the server's `hello`. */
  readonly challenge: Uint8Array;
  readonly transportKey: Uint8Array;
}

/** Of a sealed frame: its Poly1305 tag, which no other frame of its queue has. */
export const frameTagBytes = 16;
const noTag = new Uint8Array(frameTagBytes);

/** What tells the frame from any other that could stand at its index. */
export function frameTag(frame: Uint8Array): Uint8Array {
  return frame.slice(frame.length - frameTagBytes);
}

const openFlags = { intake: 1, tokens: 2 } as const;

const openLayout = { type: controlFrameTypes.open, name: 'open', size: largeControlBytes };
const openedLayout = { type: controlFrameTypes.opened, name: 'opened', size: smallControlBytes };

function writeRequest(writer: ByteWriter, open: OpenRequest): void {
  const takesIntake = open.intakeDifficulty === undefined ? 0 : openFlags.intake;
  const tellsTokens = open.intakeTokens === undefined ? 0 : openFlags.tokens;
  writer.u8(openRoles[open.role]).u8(takesIntake | tellsTokens);
  writer.u8(open.intakeDifficulty ?? 0).u8(0);
  writer.bytes(open.readerPublicKey, 32).bytes(open.ownerPublicKey, 32).count(open.base);
}

/** What the reader's or owner's key signs. */
export function openSignedBytes(server: ServerIdentity, open: OpenRequest): Uint8Array {
  const writer = new ByteWriter().bytes(server.challenge, 32).bytes(server.transportKey, 32);
  writeRequest(writer, open);
  writer.bytes(open.route, 16);
  if (open.intakeTokens !== undefined) writeIntakeGrants(writer, open.intakeTokens);
  return signedBytes(openContext, writer.finish());
}

export function encodeOpen(open: Omit<Open, 'kind'>): Uint8Array {
  return encodeControl(openLayout, open, (writer) => {
    writeRequest(writer, open);
    writer.bytes(open.signature, 64);
    if (open.intakeTokens !== undefined) writeIntakeGrants(writer, open.intakeTokens);
  });
}

export function decodeOpen(frame: Uint8Array): Result<Open> {
  return decodeControl(openLayout, frame, (reader) => {
    const role = reader.u8('role');
    if (role !== openRoles.reader && role !== openRoles.owner) {
      reader.refuse('role', 'range', 'is 1 (reader) or 2 (owner)');
    }
    const flags = reader.u8('flags');
    if (flags > 3) reader.refuse('flags', 'reserved', 'have no bits but 0 (intake) and 1 (tokens)');
    if (flags === openFlags.tokens) reader.refuse('flags', 'tokens', 'have bit 1 (tokens) only with bit 0');
    if (flags !== 0 && role !== openRoles.owner) reader.refuse('flags', 'role', 'are set by an owner only');
    const difficulty = reader.u8('difficulty');
    if (flags === 0 && difficulty !== 0) reader.refuse('difficulty', 'reserved', 'is zero without intake');
    if (difficulty > stampDifficultyMax) {
      reader.refuse('difficulty', 'range', `is at most ${stampDifficultyMax}`);
    }
    if (reader.u8('reserved') !== 0) reader.refuse('reserved', 'reserved', 'is zero');
    const readerPublicKey = reader.bytes('reader public key', 32);
    const ownerPublicKey = reader.bytes('owner public key', 32);
    const base = reader.count('base');
    if (role === openRoles.reader && base !== 0) reader.refuse('base', 'reserved', 'is zero for a reader');
    const open = {
      kind: 'open' as const,
      role: role === openRoles.owner ? ('owner' as const) : ('reader' as const),
      intakeDifficulty: flags === 0 ? undefined : difficulty,
      readerPublicKey,
      ownerPublicKey,
      base,
      signature: reader.bytes('signature', 64),
    };
    return (flags & openFlags.tokens) === 0 ? open : { ...open, intakeTokens: readIntakeGrants(reader) };
  });
}

/** A frame ready to send. `seed` is the reader's or the owner's, as `role` says. */
export function signOpen(
  primitives: Pick<Primitives, 'ed25519Sign'>,
  server: ServerIdentity,
  open: OpenRequest,
  seed: Uint8Array,
): Uint8Array {
  return encodeOpen({ ...open, signature: primitives.ed25519Sign(seed, openSignedBytes(server, open)) });
}

/** The route is that of the two keys, and the key of the role signed this very server's challenge. */
export function openIsAuthentic(
  primitives: Pick<Primitives, 'sha256' | 'ed25519Verify' | 'equal'>,
  server: ServerIdentity,
  open: Open,
): boolean {
  const route = routeOf(primitives, open.readerPublicKey, open.ownerPublicKey);
  if (!primitives.equal(route, open.route)) return false;
  const key = open.role === 'owner' ? open.ownerPublicKey : open.readerPublicKey;
  return primitives.ed25519Verify(key, openSignedBytes(server, open), open.signature);
}

export function encodeOpened(opened: Omit<Opened, 'kind'>): Uint8Array {
  const { first, next, lastTag = noTag } = opened;
  return encodeControl(openedLayout, opened, (writer) =>
    writer.count(first).count(next).bytes(lastTag, frameTagBytes),
  );
}

export function decodeOpened(frame: Uint8Array): Result<Opened> {
  return decodeControl(openedLayout, frame, (reader) => {
    const first = reader.count('first');
    const next = reader.count('next');
    const tag = reader.bytes('last tag', frameTagBytes);
    if (first > next) reader.refuse('first', 'range', 'is not above next');
    return { kind: 'opened' as const, first, next, lastTag: bytesEqual(tag, noTag) ? undefined : tag };
  });
}
