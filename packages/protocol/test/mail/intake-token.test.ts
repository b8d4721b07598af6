// What a token of an invite lets in (spec/mail.md, "Tokens"): keys for one relay, frames that prove it, and the count.
import {
  decodeIntake,
  decodeTokenLedger,
  emptyTokenLedger,
  encodeTokenIntake,
  encodeTokenLedger,
  grantTokens,
  intakeTokenKeys,
  type IntakeGrant,
  type IntakeTokenKeys,
  type TokenLedger,
  type TransportKey,
  unuseToken,
  unwrap,
  useToken,
} from '@mycelium/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { primitives, queueOf, serve } from './members.ts';

const nowMs = 1_800_000_000_000;
const relay = new Uint8Array(32).fill(7) as TransportKey;
const token = { id: new Uint8Array(8).fill(1), secret: new Uint8Array(16).fill(2) };
const { route } = queueOf(1);
const keys = intakeTokenKeys(primitives, token, route, relay);

function frameOf(number: number, by: IntakeTokenKeys = keys): Uint8Array {
  return encodeTokenIntake(primitives, by, {
    route,
    timeMs: nowMs,
    sealed: new Uint8Array(4046).fill(number),
  });
}

function ledgerOf(...grants: readonly Partial<IntakeGrant>[]): TokenLedger {
  const whole = grants.map((grant) => ({ ...keys, frames: 3, expiresMs: 0, ...grant }));
  return grantTokens(emptyTokenLedger, whole);
}

const use = (ledger: TokenLedger, frame: Uint8Array, atMs = nowMs): TokenLedger | undefined =>
  useToken(primitives, ledger, frame, atMs);

test('another relay, another queue and another invite have other ids and keys, and none tells the token', () => {
  const others = [
    intakeTokenKeys(primitives, token, route, new Uint8Array(32).fill(8) as TransportKey),
    intakeTokenKeys(primitives, token, queueOf(2).route, relay),
    intakeTokenKeys(primitives, { ...token, secret: new Uint8Array(16).fill(3) }, route, relay),
    intakeTokenKeys(primitives, { ...token, id: new Uint8Array(8).fill(3) }, route, relay),
  ];
  const all = [keys, ...others];
  expect(new Set(all.map(({ id }) => id.join())).size).toBe(5);
  expect(new Set(all.map(({ key }) => key.join())).size).toBe(5);
  for (const { id } of all) expect(id).not.toEqual(token.id);
  for (const other of others)
    expect(use(ledgerOf({}), frameOf(1, { ...other, id: keys.id }))).toBeUndefined();
});

test('a frame with a token is read as one, whole', () => {
  const frame = frameOf(5);
  const intake = unwrap(decodeIntake(frame));
  expect(intake).toMatchObject({ tokenId: keys.id, stampTimeMs: nowMs, stampNonce: 0n });
  expect(intake.sealed).toEqual(new Uint8Array(4046).fill(5));
});

test('a token is good for as many frames as its owner says, and no longer than that', () => {
  let ledger = ledgerOf({ frames: 2, expiresMs: nowMs + 1 });
  expect(use(ledger, frameOf(1), nowMs + 1)).toBeUndefined();
  ledger = use(ledger, frameOf(1)) ?? emptyTokenLedger;
  ledger = use(ledger, frameOf(2)) ?? emptyTokenLedger;
  expect(ledger.tokens).toMatchObject([{ used: 2 }]);
  expect(use(ledger, frameOf(3))).toBeUndefined();
});

test('a frame that comes again is counted once, also when the count is used up', () => {
  const once = use(ledgerOf({ frames: 1 }), frameOf(1)) ?? emptyTokenLedger;
  expect(use(once, frameOf(1))).toBe(once);
  const restarted = unwrap(decodeTokenLedger(encodeTokenLedger(once, 5))).ledger;
  expect(use(restarted, frameOf(1))).toBe(restarted);
  expect(use(restarted, frameOf(2))).toBeUndefined();
});

test('a frame that was not kept after all is not counted', () => {
  const before = ledgerOf({ frames: 1 });
  const used = use(before, frameOf(1)) ?? emptyTokenLedger;
  const given = unuseToken(used, frameOf(1));
  expect(given).toEqual(before);
  expect(unuseToken(given, frameOf(1))).toEqual(before);
  expect(use(given, frameOf(2))).toBeDefined();
});

test('what the owner says anew keeps the count; what it does not say any more is over', () => {
  const used = use(ledgerOf({ frames: 2 }), frameOf(1)) ?? emptyTokenLedger;
  const again = grantTokens(used, [{ ...keys, frames: 3, expiresMs: 0 }]);
  expect(again.tokens).toMatchObject([{ used: 1, frames: 3 }]);
  expect(use(grantTokens(again, []), frameOf(2))).toBeUndefined();
  const replaced = grantTokens(again, [{ ...keys, key: new Uint8Array(32), frames: 3, expiresMs: 0 }]);
  expect(replaced.tokens).toMatchObject([{ used: 0 }]);
});

test('no byte of a frame can be changed', () => {
  const frame = frameOf(1);
  const ledger = ledgerOf({});
  fc.assert(
    fc.property(fc.nat(frame.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const other = frame.slice();
      other[at] = (other[at] ?? 0) ^ change;
      expect(use(ledger, other)).toBeUndefined();
    }),
    { numRuns: 200 },
  );
  for (const at of [0, 4, 19, 20, 31, 32, 40, 48, 49, 50, 4095]) {
    const other = frame.slice();
    other[at] = (other[at] ?? 0) ^ 1;
    expect(use(ledger, other), `byte ${at}`).toBeUndefined();
  }
});

test('a ledger is read as it was written, and never more than fits its frame', () => {
  const hexId = fc.uint8Array({ minLength: 8, maxLength: 8 });
  const row = fc.record({
    id: hexId,
    key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    frames: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    expiresMs: fc.nat(),
    used: fc.nat(),
  });
  const seen = fc.array(fc.uint8Array({ minLength: 12, maxLength: 12 }), { maxLength: 96 });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 48 }), seen, fc.nat(), (tokens, marks, writtenMs) => {
      const ledger = { tokens, seen: marks };
      const bytes = encodeTokenLedger(ledger, writtenMs);
      expect(bytes.length).toBe(4096);
      expect(unwrap(decodeTokenLedger(bytes))).toEqual({ ledger, writtenMs });
    }),
    { numRuns: 30 },
  );
});

test('bytes that are no ledger are refused and nothing throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4096 }), (bytes) => {
      expect(typeof decodeTokenLedger(bytes).ok).toBe('boolean');
    }),
    { numRuns: 100 },
  );
  const ledger = encodeTokenLedger(ledgerOf({}), 5);
  for (const [why, bytes] of [
    ['cut off', ledger.subarray(0, -1)],
    ['version 2', ledger.with(0, 2)],
    ['a token too many', ledger.with(9, 49)],
    ['padding', ledger.with(4095, 1)],
  ] as const)
    expect(decodeTokenLedger(bytes).ok, why).toBe(false);
});

test('a server that takes no tokens closes on a frame that has one, as one of an older version does', () => {
  const old = serve({ limits: { intakeTokens: false } });
  expect(old.send(frameOf(1)).said).toBe('error malformed');
  const now = serve({ limits: { intakeTokens: true } });
  expect(now.sendAt({ nowMs }, frameOf(1)).asked).toBe('look-up');
});

test('a frame with a token counts for 48 hours around its time', () => {
  const served = serve({ limits: { intakeTokens: true } });
  const limitMs = 48 * 3_600_000;
  expect(served.sendAt({ nowMs: nowMs + limitMs + 1 }, frameOf(1)).said).toBe('error token');
  expect(served.sendAt({ nowMs: nowMs + limitMs }, frameOf(1)).asked).toBe('look-up');
});
