// vectors/accounts.json: account logs, device certificates, cards (spec/identity.md).
import {
  accountEntryHash,
  appendToAccount,
  bytesToHex,
  cardQueueKeys,
  compareAccountLogs,
  issueDeviceCertificate,
  replayAccountLog,
  signCard,
  unwrap,
  verifyCard,
  verifyDeviceCertificate,
  type Result,
} from '@mycelium/protocol';
import { alice, bob, logsThatDoNot, logsThatHold } from '../../packages/protocol/test/identity/accounts.ts';
import { proofOf } from '../../packages/protocol/test/identity/domains.ts';
import { cardDevice, nowMs, primitives } from '../../packages/protocol/test/identity/people.ts';
import { plain, refusalOf } from './form/plain.ts';

const flip = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

function certificateVectors(): object {
  const bad = [
    { why: 'signature changed', certificate: flip(alice.certificate, alice.certificate.length - 1) },
    { why: 'name changed', certificate: flip(alice.certificate, 67) },
    { why: 'of another account', certificate: bob.certificate },
    { why: 'cut off', certificate: alice.certificate.slice(0, -1) },
    {
      why: 'issued by another key',
      certificate: issueDeviceCertificate(
        primitives,
        alice.state.accountId,
        alice.state.devices[0] ?? fail(),
        bob.accountSeed,
      ),
    },
    { why: 'longer than 512 bytes', certificate: new Uint8Array(513).fill(1) },
  ];
  const revocation = {
    op: { kind: 'revoke-device', deviceKey: alice.deviceKey },
    timeMs: nowMs,
    accountSeed: alice.accountSeed,
  } as const;
  const revoked = unwrap(appendToAccount(primitives, alice.state, revocation));
  return {
    valid: [
      {
        log: plain(alice.log),
        nowMs,
        certificate: plain(alice.certificate),
        fields: plain(unwrap(verifyDeviceCertificate(primitives, alice.state, alice.certificate, nowMs))),
      },
    ],
    refused: [
      ...bad.map(({ why, certificate }) => ({
        why,
        log: plain(alice.log),
        nowMs,
        certificate: plain(certificate),
        ...refusalOf(verifyDeviceCertificate(primitives, alice.state, certificate, nowMs)),
      })),
      {
        why: 'device revoked',
        log: plain([...alice.log, revoked.entry]),
        nowMs,
        certificate: plain(alice.certificate),
        ...refusalOf(verifyDeviceCertificate(primitives, revoked.state, alice.certificate, nowMs)),
      },
    ],
  };
}

function cardVectors(): object {
  const devices = [cardDevice(alice)];
  const card = { sequence: 3, timeMs: nowMs, log: alice.log, devices };
  const good = signCard(primitives, card, alice.deviceSeed);
  const bad = [
    { why: 'signature changed', card: flip(good, good.length - 1) },
    { why: 'signed by a device of somebody else', card: signCard(primitives, card, bob.deviceSeed) },
    {
      why: 'account log of somebody else',
      card: signCard(primitives, { ...card, log: bob.log }, alice.deviceSeed),
    },
    {
      why: 'account log without the device',
      card: signCard(primitives, { ...card, log: alice.log.slice(0, 1) }, alice.deviceSeed),
    },
    {
      why: 'certificate of somebody else',
      card: signCard(primitives, { ...card, devices: [cardDevice(bob)] }, alice.deviceSeed),
    },
    {
      why: 'a device twice',
      card: signCard(primitives, { ...card, devices: [...devices, ...devices] }, alice.deviceSeed),
    },
    { why: 'cut off', card: good.slice(0, -1) },
    { why: 'version 3', card: good.map((byte, at) => (at === 0 ? 3 : byte)) },
    { why: 'version 2 without a domain proof', card: good.map((byte, at) => (at === 0 ? 2 : byte)) },
    {
      why: 'domain proof of 201 bytes',
      card: signCard(primitives, { ...card, domainProof: new Uint8Array(201) }, alice.deviceSeed),
    },
  ];
  const keys = cardQueueKeys(primitives, alice.card.cardSecret);
  return {
    valid: [
      { card: plain(good), nowMs, accountId: plain(alice.state.accountId), signer: plain(alice.deviceKey) },
      {
        card: plain(signCard(primitives, { ...card, domainProof: proofOf() }, alice.deviceSeed)),
        nowMs,
        accountId: plain(alice.state.accountId),
        signer: plain(alice.deviceKey),
        domainProof: plain(proofOf()),
      },
    ],
    refused: bad.map((entry) => ({
      why: entry.why,
      card: plain(entry.card),
      nowMs,
      ...refusalOf(verifyCard(primitives, entry.card, nowMs)),
    })),
    queueKeys: {
      cardSecret: plain(alice.card.cardSecret),
      readerSeed: plain(keys.readerSeed),
      chainKey: plain(keys.chainKey),
    },
  };
}

function comparisons(): object[] {
  const [, short, long] = logsThatHold();
  const logs = { short: short?.entries ?? [], long: long?.entries ?? [], bob: bob.log };
  const forked = [...logs.short.slice(0, 2), ...logs.long.slice(3, 4)];
  const pairs = [
    [logs.short, logs.short],
    [logs.short, logs.long],
    [logs.long, logs.short],
    [logs.short, forked],
    [logs.short, logs.bob],
  ] as const;
  return pairs.map(([known, offered]) => ({
    known: plain(known),
    offered: plain(offered),
    comparison: compareAccountLogs(known, offered),
  }));
}

function fail(): never {
  throw new Error('Alice has a device');
}

export function generate(): unknown {
  return {
    spec: 'spec/identity.md',
    logs: {
      valid: logsThatHold().map(({ why, entries }) => ({
        why,
        entries: plain(entries),
        hashes: entries.map((entry) => bytesToHex(accountEntryHash(primitives, entry))),
        state: plain(unwrap(replayAccountLog(primitives, entries))),
      })),
      refused: logsThatDoNot().map(({ why, entries }) => ({
        why,
        entries: plain(entries),
        ...refusalOf(replayAccountLog(primitives, entries) as Result<unknown>),
      })),
      compared: comparisons(),
    },
    certificates: certificateVectors(),
    cards: cardVectors(),
  };
}
