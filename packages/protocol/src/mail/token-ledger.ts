/**
 * What the side that serves knows of the tokens of one intake queue (spec/mail.md, "Tokens"): what its owner said last, how
 * many frames each has let in, and the newest of those frames, so that a repeated one is not counted twice. A value;
 * who keeps it is another matter.
 */
import { bytesEqual } from '../bytes/compare.ts';
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { Result } from '../errors.ts';
import { intakeTokensMax, tokenFramesRemembered } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import { largeControlBytes, requestIdAt, requestIdBytes } from './control-header.ts';
import { tokenIdOf } from './intake.ts';
import {
  intakeIsAuthentic,
  type IntakeGrant,
  intakeTokenIdBytes,
  intakeTokenKeyBytes,
} from './intake-token.ts';

export interface LedgerToken extends IntakeGrant {
  /** Frames that it has let in. */
  readonly used: number;
}

export interface TokenLedger {
  readonly tokens: readonly LedgerToken[];
  /** Authenticators of frames that were let in, the newest last. */
  readonly seen: readonly Uint8Array[];
}

export const emptyTokenLedger: TokenLedger = { tokens: [], seen: [] };

/** The owner's newest word: tokens that it does not name any more are not good any more. */
export function grantTokens(ledger: TokenLedger, grants: readonly IntakeGrant[]): TokenLedger {
  const tokens = grants.map((grant) => {
    const known = ledger.tokens.find(({ id, key }) => bytesEqual(id, grant.id) && bytesEqual(key, grant.key));
    return { ...grant, used: known?.used ?? 0 };
  });
  return { tokens, seen: ledger.seen };
}

/** Whether the owner has said just this before. */
export function saysTheSame(ledger: TokenLedger, grants: readonly IntakeGrant[]): boolean {
  if (ledger.tokens.length !== grants.length) return false;
  return ledger.tokens.every((token, at) => {
    const grant = grants[at];
    return (
      grant !== undefined &&
      bytesEqual(token.id, grant.id) &&
      bytesEqual(token.key, grant.key) &&
      token.frames === grant.frames &&
      token.expiresMs === grant.expiresMs
    );
  });
}

/**
 * The ledger with one frame more; the same one when this very frame is counted already. Undefined: the token is not good.
 * A stranger's guess costs a comparison of ids and no more. `frame` is a decoded intake frame's bytes.
 */
export function useToken(
  primitives: Pick<Primitives, 'hmacSha256' | 'equal'>,
  ledger: TokenLedger,
  frame: Uint8Array,
  nowMs: number,
): TokenLedger | undefined {
  const tokenId = tokenIdOf(frame);
  if (tokenId === undefined) return undefined;
  const token = ledger.tokens.find(({ id }) => bytesEqual(id, tokenId));
  if (token === undefined || (token.expiresMs !== 0 && token.expiresMs <= nowMs)) return undefined;
  if (!intakeIsAuthentic(primitives, token.key, frame)) return undefined;
  const authenticator = authenticatorOf(frame);
  if (ledger.seen.some((seen) => bytesEqual(seen, authenticator))) return ledger;
  if (token.used >= token.frames) return undefined;
  return {
    tokens: count(ledger, tokenId, 1),
    seen: [...ledger.seen, authenticator].slice(-tokenFramesRemembered),
  };
}

/** The frame was not kept after all. */
export function unuseToken(ledger: TokenLedger, frame: Uint8Array): TokenLedger {
  const tokenId = tokenIdOf(frame);
  const authenticator = authenticatorOf(frame);
  const seen = ledger.seen.filter((one) => !bytesEqual(one, authenticator));
  if (tokenId === undefined || seen.length === ledger.seen.length) return ledger;
  return { tokens: count(ledger, tokenId, -1), seen };
}

function authenticatorOf(frame: Uint8Array): Uint8Array {
  return frame.slice(requestIdAt, requestIdAt + requestIdBytes);
}

function count(ledger: TokenLedger, tokenId: Uint8Array, more: number): readonly LedgerToken[] {
  return ledger.tokens.map((token) =>
    bytesEqual(token.id, tokenId) ? { ...token, used: Math.max(0, token.used + more) } : token,
  );
}

const version = 1;

/** Always 4,096 bytes, so that a store for frames keeps it. Not on the wire. */
export function encodeTokenLedger(ledger: TokenLedger, writtenMs: number): Uint8Array {
  const writer = new ByteWriter(largeControlBytes).u8(version).count(writtenMs);
  writer.list(ledger.tokens, ({ id, key, frames, expiresMs, used }) => {
    writer.bytes(id, intakeTokenIdBytes).bytes(key, intakeTokenKeyBytes);
    writer.u32(frames).count(expiresMs).u32(used);
  });
  writer.list(ledger.seen, (authenticator) => writer.bytes(authenticator, requestIdBytes));
  return writer.padTo(largeControlBytes).finish();
}

export function decodeTokenLedger(
  bytes: Uint8Array,
): Result<{ readonly ledger: TokenLedger; readonly writtenMs: number }> {
  return decode(bytes, 'token ledger', (reader) => {
    if (bytes.length !== largeControlBytes)
      reader.refuse('length', 'length', `is ${largeControlBytes} bytes`);
    if (reader.u8('version') !== version) reader.refuse('version', 'version', `is ${version}`);
    const writtenMs = reader.count('written');
    const tokens = reader.list('tokens', intakeTokensMax, () => ({
      id: reader.bytes('id', intakeTokenIdBytes),
      key: reader.bytes('key', intakeTokenKeyBytes),
      frames: reader.u32('frames'),
      expiresMs: reader.count('expires'),
      used: reader.u32('used'),
    }));
    const seen = reader.list('seen', tokenFramesRemembered, () => reader.bytes('seen', requestIdBytes));
    reader.zeros('padding');
    return { ledger: { tokens, seen }, writtenMs };
  });
}
