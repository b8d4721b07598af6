// The part of vectors/mail.json about intake tokens: what follows from an invite, and which frames it lets in (spec/mail.md, "Tokens").
import {
  bytesToHex,
  emptyTokenLedger,
  encodeIntake,
  encodeTokenIntake,
  grantTokens,
  intakeTokenKeys,
  type TransportKey,
  useToken,
} from '@mycelium/protocol';
import { primitives, queueOf } from '../../../packages/protocol/test/mail/members.ts';
import { plain } from '../form/plain.ts';

const timeMs = 1_800_000_000_000;
const relay = new Uint8Array(32).fill(0x7e) as TransportKey;
const token = { id: new Uint8Array(8).fill(0x11), secret: new Uint8Array(16).fill(0x22) };
const { route } = queueOf(1);

interface Attempt {
  readonly why: string;
  readonly frame: Uint8Array;
  readonly frames?: number;
  readonly expiresMs?: number;
}

export function tokenVectors(): object {
  const keys = intakeTokenKeys(primitives, token, route, relay);
  const intake = { route, timeMs, sealed: new Uint8Array(4046).fill(5) };
  const frame = encodeTokenIntake(primitives, keys, intake);
  const change = (at: number): Uint8Array => frame.with(at, (frame[at] ?? 0) ^ 1);
  const by = (other: Partial<typeof keys>): Uint8Array =>
    encodeTokenIntake(primitives, { ...keys, ...other }, intake);
  const elsewhere = intakeTokenKeys(primitives, token, route, new Uint8Array(32).fill(9) as TransportKey);
  const stamped = { requestId: frame.slice(20, 32), stampTimeMs: timeMs, stampNonce: 0n };
  const attempts: readonly Attempt[] = [
    { why: 'as it should be', frame },
    { why: 'until a millisecond later', frame, expiresMs: timeMs + 1 },
    { why: 'expired', frame, expiresMs: timeMs },
    { why: 'used up', frame, frames: 0 },
    { why: "another token's id", frame: by({ id: new Uint8Array(8).fill(3) }) },
    { why: 'another key', frame: by({ key: new Uint8Array(32).fill(3) }) },
    { why: "another relay's key", frame: by({ key: elsewhere.key }) },
    { why: "another relay's keys", frame: by(elsewhere) },
    { why: 'another route', frame: change(4) },
    { why: 'another authenticator', frame: change(31) },
    { why: 'another time', frame: change(32) },
    { why: 'another length', frame: change(48) },
    { why: 'no bit for the token', frame: encodeIntake({ ...intake, ...stamped }) },
    { why: 'another byte sealed', frame: change(4095) },
  ];
  return {
    note: 'good: at `nowMs`, where the relay knows `keys` for `frames` more, until `expiresMs`; a changed frame is `frame` with `bytes` at `at`',
    token: plain(token),
    route: bytesToHex(route),
    relay: bytesToHex(relay),
    keys: plain(keys),
    nowMs: timeMs,
    frame: bytesToHex(frame),
    attempts: attempts.map(({ why, frame: tried, frames = 1, expiresMs = 0 }) => {
      const ledger = grantTokens(emptyTokenLedger, [{ ...keys, frames, expiresMs }]);
      const good = useToken(primitives, ledger, tried, timeMs) !== undefined;
      return { why, frames, expiresMs, ...differenceOf(frame, tried), good };
    }),
  };
}

/** Short: most of the 4,096 bytes are those of the good frame. */
function differenceOf(frame: Uint8Array, tried: Uint8Array): { readonly at: number; readonly bytes: string } {
  const at = tried.findIndex((byte, index) => byte !== frame[index]);
  const last = tried.findLastIndex((byte, index) => byte !== frame[index]);
  return at < 0 ? { at: 0, bytes: '' } : { at, bytes: bytesToHex(tried.subarray(at, last + 1)) };
}
