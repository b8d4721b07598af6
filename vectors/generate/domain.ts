// vectors/domain.json: domain proofs, revocations and records, and what a reader refuses (spec/domain.md).
import {
  concatBytes,
  formatDomainFile,
  formatDomainKey,
  formatDomainProof,
  formatDomainText,
  parseDomainFile,
  parseDomainProof,
  parseDomainTexts,
  selfCertifyingDomain,
  unwrap,
  verifyDomainProof,
  verifyRevocations,
  type DomainRecord,
  type ProofSubject,
} from '@mycelium/protocol';
import { alice, bob } from '../../packages/protocol/test/identity/accounts.ts';
import {
  dayMs,
  exampleKey,
  exampleSeed,
  otherKey,
  otherSeed,
  proofByHand,
  proofOf,
  revocationsOf,
  smallOrderKey,
  smallOrderSignature,
} from '../../packages/protocol/test/identity/domains.ts';
import { nowMs, peer, primitives } from '../../packages/protocol/test/identity/people.ts';
import { plain, refusalOf } from './form/plain.ts';

const { accountId } = alice.state;
const usual: ProofSubject = { address: alice.address, accountId, domainKey: exampleKey, nowMs };
const subjectText = ({ address, ...rest }: ProofSubject): object => ({ address: address.text, ...rest });

function validProofs(): object[] {
  const own = { address: { text: `alice@${selfCertifyingDomain(exampleKey)}` } };
  const cases: readonly { why: string; proof: Uint8Array; subject: ProofSubject }[] = [
    { why: 'example.com says that alice is Alice', proof: proofOf(), subject: usual },
    {
      why: 'one millisecond before it runs out',
      proof: proofOf({ untilMs: nowMs + 1 }),
      subject: usual,
    },
    {
      why: '400 days ahead, no more',
      proof: proofOf({ untilMs: nowMs + 400 * dayMs, serial: 2 ** 32 - 1 }),
      subject: usual,
    },
    { why: 'a domain that is its key', proof: proofOf(own), subject: { ...usual, ...own } },
  ];
  return cases.map(({ why, proof, subject }) => ({
    why,
    ...(plain(subjectText(subject)) as object),
    proof: plain(proof),
    text: formatDomainProof(proof),
    says: plain(unwrap(verifyDomainProof(primitives, proof, subject))),
  }));
}

function refusedProofs(): object[] {
  const good = proofOf();
  const flip = (at: number): Uint8Array => good.map((byte, index) => (index === at ? byte ^ 1 : byte));
  const weak = concatBytes(good.slice(0, 1), smallOrderKey, good.slice(33, 65), smallOrderSignature);
  const statement = good.slice(0, 65);
  const cases: readonly { why: string; proof: Uint8Array; subject?: Partial<ProofSubject> }[] = [
    { why: 'no bytes', proof: new Uint8Array() },
    { why: 'cut off', proof: good.slice(0, -1) },
    { why: 'a byte too many', proof: concatBytes(good, Uint8Array.of(0)) },
    { why: 'version 2', proof: good.map((byte, at) => (at === 0 ? 2 : byte)) },
    { why: 'until beyond 2^53', proof: good.map((byte, at) => (at === 64 ? 255 : byte)) },
    { why: 'ran out this moment', proof: proofOf({ untilMs: nowMs }) },
    { why: 'ran out yesterday', proof: proofOf({ untilMs: nowMs - dayMs }) },
    { why: 'more than 400 days ahead', proof: proofOf({ untilMs: nowMs + 400 * dayMs + 1 }) },
    { why: 'for another name of the domain', proof: proofOf({ address: bob.address }) },
    {
      why: 'for the same name at another domain',
      proof: proofOf({ address: { text: 'alice@example.net' } }),
    },
    {
      why: 'for the name before it was mapped: ALICE',
      proof: proofByHand(statement, 'ALICE@example.com', exampleSeed),
    },
    {
      why: 'for the name in full-width letters',
      proof: proofByHand(statement, '\uff41lice@example.com', exampleSeed),
    },
    {
      why: 'for the domain in Unicode instead of ASCII',
      proof: proofOf({ address: { text: 'alice@b\u00fccher.example' } }),
      subject: { address: { text: 'alice@xn--bcher-kva.example' } },
    },
    {
      why: 'for a name in decomposed form',
      proof: proofOf({ address: { text: 'jose\u0301@example.com' } }),
      subject: { address: { text: 'jos\u00e9@example.com' } },
    },
    { why: 'for another account', proof: good, subject: { accountId: bob.state.accountId } },
    { why: 'fingerprint changed', proof: flip(33) },
    { why: 'serial changed', proof: flip(53) },
    { why: 'until changed', proof: flip(57) },
    { why: 'signature changed', proof: flip(100) },
    { why: 'by the key of another domain', proof: proofOf({ seed: otherSeed }) },
    { why: 'the domain has another key now', proof: good, subject: { domainKey: otherKey } },
    {
      why: 'names the key of the domain, signed by another',
      proof: concatBytes(statement, proofOf({ seed: otherSeed }).slice(65)),
    },
    {
      why: 'key of small order, with the signature that fits every message',
      proof: weak,
      subject: { domainKey: smallOrderKey },
    },
    {
      why: 'signed for another purpose: a revocation',
      proof: concatBytes(statement, revocationsOf([7]).slice(-64)),
    },
  ];
  return cases.map(({ why, proof, subject }) => {
    const held = { ...usual, ...subject };
    return {
      why,
      ...(plain(subjectText(held)) as object),
      proof: plain(proof),
      ...refusalOf(verifyDomainProof(primitives, proof, held)),
    };
  });
}

function texts(): object {
  const text = formatDomainProof(proofOf());
  const bad = [
    { why: 'another scheme', text: text.replace('proof', 'invite') },
    { why: 'cut off', text: text.slice(0, -3) },
    { why: 'a character that is none', text: text.replace(/.$/, '!') },
    { why: 'too long', text: text + ' '.repeat(1_024) },
  ];
  const good = [
    text,
    `<${text}>`,
    text.replace(/(.{60})/g, '$1\n'),
    text.replace('mycelium:', 'MYCELIUM://'),
  ];
  return {
    valid: good.map((written) => ({ text: written, proof: plain(unwrap(parseDomainProof(written))) })),
    refused: bad.map(({ why, text: written }) => ({
      why,
      text: written,
      ...refusalOf(parseDomainProof(written)),
    })),
  };
}

function revocations(): object {
  const domain = { name: 'example.com', key: exampleKey };
  const lists = [[], [7], [1, 7, 4_294_967_295]];
  const good = revocationsOf([3, 7]);
  const bad = [
    { why: 'cut off', list: good.slice(0, -1) },
    { why: 'a byte too many', list: concatBytes(good, Uint8Array.of(0)) },
    { why: 'version 2', list: good.map((byte, at) => (at === 0 ? 2 : byte)) },
    { why: 'a serial twice', list: revocationsOf([7, 7]) },
    { why: 'serials that fall', list: revocationsOf([7, 3]) },
    { why: 'more than 256 serials', list: revocationsOf(Array.from({ length: 257 }, (_, at) => at + 1)) },
    { why: 'a serial left out', list: concatBytes(revocationsOf([3]).slice(0, -64), good.slice(-64)) },
    { why: 'of another domain with the same key', list: good, name: 'example.net' },
    { why: 'by another key', list: good, key: otherKey },
  ];
  return {
    valid: lists.map((serials) => {
      const list = revocationsOf(serials);
      return { list: plain(list), says: plain(unwrap(verifyRevocations(primitives, list, domain))) };
    }),
    refused: bad.map(({ why, list, name = domain.name, key = domain.key }) => ({
      why,
      name,
      key: plain(key),
      list: plain(list),
      ...refusalOf(verifyRevocations(primitives, list, { name, key })),
    })),
  };
}

function records(): object {
  const full: DomainRecord = {
    key: exampleKey,
    revocations: revocationsOf([3, 7]),
    relays: [peer('relay', 'relay.example.com'), peer('relay', '2001:db8::7')],
    directory: [peer('node', '192.0.2.7', 4949)],
  };
  const bare: DomainRecord = { key: exampleKey, revocations: undefined, relays: [], directory: [] };
  const key = formatDomainKey(exampleKey);
  const badTexts = [
    { why: 'two keys', texts: [`v=1; k=${key}; k=${formatDomainKey(otherKey)}`] },
    { why: 'two records, two keys', texts: [`v=1; k=${key}`, `v=1; k=${formatDomainKey(otherKey)}`] },
    { why: 'key cut off', texts: [`v=1; k=${key.slice(0, -1)}`] },
    { why: 'key in upper case', texts: [`v=1; k=${key.toUpperCase()}`] },
    { why: 'key with unused bits set', texts: [`v=1; k=${key.slice(0, -1)}b`] },
    { why: 'relay without a place', texts: [`v=1; k=${key}; r=${key}`] },
    {
      why: 'nine relays',
      texts: [`v=1; ${Array.from({ length: 9 }, (_, at) => `r=${key}@a${at}.example:1`).join('; ')}`],
    },
    { why: 'too long', texts: [`v=1; k=${key}; z=${'a'.repeat(8_192)}`] },
  ];
  const badFiles = [
    { why: 'not JSON', file: 'v=1' },
    { why: 'no version', file: '{}' },
    { why: 'a list', file: '[]' },
    { why: 'version 2', file: JSON.stringify({ version: 2, key }) },
    { why: 'key is a number', file: JSON.stringify({ version: 1, key: 7 }) },
    { why: 'two keys', file: JSON.stringify({ version: 1, key: [key, formatDomainKey(otherKey)] }) },
    { why: 'too long', file: ' '.repeat(8_193) },
  ];
  return {
    valid: [
      ...[bare, full].map((record) => ({
        texts: [formatDomainText(record)],
        file: formatDomainFile(record),
        says: plain(record),
      })),
      {
        texts: ['google-site-verification=1', `v=1;k=${key} ; later=yes;`, 'v=1'],
        file: JSON.stringify({ version: 1, key, later: true }),
        says: plain(bare),
      },
    ],
    none: [[], ['v=spf1 -all'], ['v=10; k=a'], [`k=${key}`]],
    refusedTexts: badTexts.map((bad) => ({ ...bad, ...refusalOf(parseDomainTexts(bad.texts)) })),
    refusedFiles: badFiles.map((bad) => ({ ...bad, ...refusalOf(parseDomainFile(bad.file)) })),
  };
}

export function generate(): unknown {
  return {
    spec: 'spec/domain.md',
    selfCertifying: [exampleKey, otherKey].map((key) => ({
      key: plain(key),
      domain: selfCertifyingDomain(key),
    })),
    proofs: { valid: validProofs(), refused: refusedProofs() },
    texts: texts(),
    revocations: revocations(),
    records: records(),
  };
}
