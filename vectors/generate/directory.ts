// vectors/directory.json: locators, claim records, what searchers and nodes refuse (spec/directory.md).
import {
  bytesToHex,
  claimKey,
  claimLocator,
  claimPeriod,
  decodeClaimRecord,
  directorySeed,
  openClaim,
  unwrap,
  verifyClaimRecord,
} from '@mycelium/protocol';
import {
  hourMs,
  openedPlain,
  recordAround,
  recordOf,
} from '../../packages/protocol/test/directory/claims.ts';
import { alice, bob } from '../../packages/protocol/test/identity/accounts.ts';
import { nowMs, primitives } from '../../packages/protocol/test/identity/people.ts';
import { plain, refusalOf } from './form/plain.ts';

const period = claimPeriod(nowMs);
const flip = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

function periods(): object[] {
  return [0, 86_399_999, 86_400_000, nowMs].map((timeMs) => {
    const number = claimPeriod(timeMs);
    return {
      timeMs,
      period: number,
      userId: bytesToHex(alice.userId),
      locator: bytesToHex(claimLocator(primitives, alice.userId, number)),
      claimKey: bytesToHex(claimKey(primitives, alice.userId, number)),
      directorySecret: bytesToHex(alice.directorySecret),
      directorySeed: bytesToHex(directorySeed(primitives, alice.directorySecret, number)),
    };
  });
}

function refusedByNodes(): object[] {
  const good = recordOf();
  const bad = [
    { why: '999 bytes', record: good.slice(1) },
    { why: '1,001 bytes', record: new Uint8Array([...good, 0]) },
    { why: 'no bytes', record: new Uint8Array() },
    { why: 'version 2', record: good.map((byte, at) => (at === 0 ? 2 : byte)) },
    { why: 'reserved byte set', record: flip(good, 2) },
    { why: 'expiry beyond 2^53', record: good.map((byte, at) => (at === 83 ? 255 : byte)) },
    { why: 'signature changed', record: flip(good, 999) },
    { why: 'work of another record', record: flip(good, 500) },
    { why: 'expires 49 hours ahead', record: recordOf(alice, { expiresMs: nowMs + 49 * hourMs }) },
    { why: 'too little work', record: weakRecord() },
  ];
  return [
    ...bad.map(({ why, record }) => ({
      why,
      nowMs,
      record: plain(record),
      ...refusalOf(verifyClaimRecord(primitives, record, nowMs)),
    })),
    {
      why: 'expired',
      nowMs: nowMs + 48 * hourMs,
      record: plain(good),
      ...refusalOf(verifyClaimRecord(primitives, good, nowMs + 48 * hourMs)),
    },
  ];
}

/** A record whose work happens to be small: asking for none gives less than 14 bits, nearly always. */
function weakRecord(): Uint8Array {
  return recordOf(alice, { workBits: 0 });
}

function refusedBySearchers(): object[] {
  const of = (record: Uint8Array): ReturnType<typeof openClaim> =>
    openClaim(primitives, { userId: alice.userId, period }, unwrap(decodeClaimRecord(primitives, record)));
  const yesterday = recordOf(alice, { period: period - 1 });
  const bad = [
    { why: 'locator of another address', record: recordOf(bob) },
    { why: 'locator of another day', record: recordOf(alice, { period: period - 1 }) },
    { why: 'sealed claim changed', record: flip(recordOf(), 200) },
    { why: 'sequence changed, which the seal covers', record: flip(recordOf(), 68) },
    {
      why: 'claim of yesterday sealed again for today',
      record: recordAround(openedPlain(yesterday, period - 1)),
    },
    {
      why: 'account key replaced under the signature',
      record: recordAround(flip(openedPlain(recordOf()), 40)),
    },
    { why: 'padding not zero', record: recordAround(flip(openedPlain(recordOf()), 815)) },
    {
      why: 'claim of version 2',
      record: recordAround(openedPlain(recordOf()).map((byte, at) => (at === 0 ? 2 : byte))),
    },
    { why: 'sealed zeros', record: recordAround(new Uint8Array(816)) },
  ];
  return bad.map(({ why, record }) => ({
    why,
    userId: plain(alice.userId),
    period,
    record: plain(record),
    ...refusalOf(of(record)),
  }));
}

export function generate(): unknown {
  const record = recordOf();
  return {
    spec: 'spec/directory.md',
    periods: periods(),
    records: {
      valid: [
        {
          nowMs,
          record: plain(record),
          outside: plain({
            ...unwrap(verifyClaimRecord(primitives, record, nowMs)),
            bytes: undefined,
            sealed: undefined,
          }),
          userId: plain(alice.userId),
          period,
          claim: plain(
            unwrap(
              openClaim(
                primitives,
                { userId: alice.userId, period },
                unwrap(decodeClaimRecord(primitives, record)),
              ),
            ),
          ),
        },
      ],
      refusedByNodes: refusedByNodes(),
      refusedBySearchers: refusedBySearchers(),
    },
  };
}
