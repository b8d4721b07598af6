import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  accountFingerprint,
  decodeDomainProof,
  formatDomainFile,
  formatDomainProof,
  formatDomainText,
  hexToBytes,
  isOutsideDns,
  keyInDomain,
  parseAddress,
  parseDomainFile,
  parseDomainProof,
  parseDomainTexts,
  parseFingerprint,
  selfCertifyingDomain,
  unwrap,
  userIdOf,
  verifyDomainProof,
  verifyRevocations,
  type AccountId,
  type ProofSubject,
  type Result,
} from '@mycelium/protocol';
import { plain } from '../../../../vectors/generate/form/plain.ts';
import { ownVectors } from '../vector-files.ts';
import { alice } from './accounts.ts';
import { exampleKey, fingerprintOf, proofOf } from './domains.ts';
import { nowMs, primitives } from './people.ts';

interface Refused {
  readonly why: string;
  readonly where: string;
  readonly code: string;
}
interface Subject {
  readonly address: string;
  readonly accountId: string;
  readonly domainKey: string;
  readonly nowMs: number;
  readonly proof: string;
}

const vectors = ownVectors('domain.json') as {
  readonly selfCertifying: readonly { key: string; domain: string }[];
  readonly proofs: {
    readonly valid: readonly (Subject & { text: string; says: object })[];
    readonly refused: readonly (Subject & Refused)[];
  };
  readonly texts: {
    readonly valid: readonly { text: string; proof: string }[];
    readonly refused: readonly (Refused & { text: string })[];
  };
  readonly revocations: {
    readonly valid: readonly { list: string; says: object }[];
    readonly refused: readonly (Refused & { name: string; key: string; list: string })[];
  };
  readonly records: {
    readonly valid: readonly { texts: string[]; file: string; says: object }[];
    readonly none: readonly string[][];
    readonly refusedTexts: readonly (Refused & { texts: string[] })[];
    readonly refusedFiles: readonly (Refused & { file: string })[];
  };
};

const hex = (text: string): Uint8Array => hexToBytes(text) ?? new Uint8Array();
const refusedAs = (result: Result<unknown>, { where, code, why }: Refused): void =>
  expect(result, why).toMatchObject({ ok: false, refusal: { where, code } });
const subjectOf = (vector: Subject): ProofSubject => ({
  address: { text: vector.address },
  accountId: hex(vector.accountId) as AccountId,
  domainKey: hex(vector.domainKey),
  nowMs: vector.nowMs,
});

test('a proof is taken for its name, account and domain, and for nothing else', () => {
  for (const vector of vectors.proofs.valid) {
    const proof = hex(vector.proof);
    expect(plain(unwrap(verifyDomainProof(primitives, proof, subjectOf(vector))))).toEqual(vector.says);
    expect(formatDomainProof(proof)).toBe(vector.text);
  }
  expect(vectors.proofs.refused.length).toBeGreaterThan(vectors.proofs.valid.length);
  for (const vector of vectors.proofs.refused)
    refusedAs(verifyDomainProof(primitives, hex(vector.proof), subjectOf(vector)), vector);
});

test('a proof fits the field that a claim has for it', () => {
  expect(proofOf().length).toBe(129);
});

test('proofs as text, as they come out of a mail', () => {
  for (const { text, proof } of vectors.texts.valid)
    expect(plain(unwrap(parseDomainProof(text)))).toBe(proof);
  for (const vector of vectors.texts.refused) refusedAs(parseDomainProof(vector.text), vector);
});

test('revocations are the domain’s own', () => {
  const domain = { name: 'example.com', key: exampleKey };
  for (const { list, says } of vectors.revocations.valid)
    expect(plain(unwrap(verifyRevocations(primitives, hex(list), domain)))).toEqual(says);
  for (const vector of vectors.revocations.refused) {
    const { name, key, list } = vector;
    refusedAs(verifyRevocations(primitives, hex(list), { name, key: hex(key) }), vector);
  }
});

test('records in DNS and in the file say the same', () => {
  for (const { texts, file, says } of vectors.records.valid) {
    const [fromTexts, fromFile] = [unwrap(parseDomainTexts(texts)), unwrap(parseDomainFile(file))];
    expect(plain(fromTexts)).toEqual(withoutNothing(says));
    expect(fromFile).toEqual(fromTexts);
    expect(unwrap(parseDomainTexts([formatDomainText(fromFile)]))).toEqual(fromFile);
    expect(unwrap(parseDomainFile(formatDomainFile(fromFile)))).toEqual(fromFile);
  }
  for (const texts of vectors.records.none) expect(unwrap(parseDomainTexts(texts))).toBeUndefined();
  for (const vector of vectors.records.refusedTexts) refusedAs(parseDomainTexts(vector.texts), vector);
  for (const vector of vectors.records.refusedFiles) refusedAs(parseDomainFile(vector.file), vector);
});

/** JSON has no `undefined`; `toEqual` takes a member that is not there for one that is undefined. */
const withoutNothing = (value: object): object => JSON.parse(JSON.stringify(value)) as object;

test('a domain that is its key is an address like any other', () => {
  for (const { key, domain } of vectors.selfCertifying) {
    expect(selfCertifyingDomain(hex(key))).toBe(domain);
    expect(keyInDomain(domain)).toEqual(hex(key));
    expect(isOutsideDns(domain)).toBe(true);
    const [label = ''] = domain.split('.');
    expect(label.length).toBe(52);
    const address = unwrap(parseAddress(`Alice@${domain.toUpperCase()}`));
    expect(address.text).toBe(`alice@${domain}`);
    expect(userIdOf(primitives, address).length).toBe(32);
  }
  const domain = selfCertifyingDomain(exampleKey);
  const label = domain.slice(0, 52);
  for (const other of [
    'example.com',
    'mycelium',
    '.mycelium',
    `a.${domain}`,
    `${label.slice(1)}.mycelium`,
    `${label.slice(0, -1)}b.mycelium`,
    `${domain}.example.com`,
    `${label}.example`,
  ])
    expect(keyInDomain(other), other).toBeUndefined();
  expect([isOutsideDns('mycelium'), isOutsideDns('a.mycelium'), isOutsideDns('notmycelium')]).toEqual([
    true,
    true,
    false,
  ]);
});

test('any bytes and any text are answered, never thrown about', () => {
  const subject = { address: alice.address, accountId: alice.state.accountId, domainKey: exampleKey, nowMs };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ maxLength: 400 }), (bytes, text) => {
      expect(verifyDomainProof(primitives, bytes, subject).ok).toBe(false);
      decodeDomainProof(bytes);
      verifyRevocations(primitives, bytes, { name: 'example.com', key: exampleKey });
      parseDomainProof(text);
      parseDomainTexts([text, `v=1; ${text}`]);
      parseDomainFile(text);
    }),
  );
});

test('one bit of a proof changed, wherever, and it proves nothing', () => {
  const subject = { address: alice.address, accountId: alice.state.accountId, domainKey: exampleKey, nowMs };
  const good = proofOf();
  expect(verifyDomainProof(primitives, good, subject).ok).toBe(true);
  for (let at = 0; at < good.length; at += 1) {
    const bad = good.map((byte, index) => (index === at ? byte ^ 4 : byte));
    expect(verifyDomainProof(primitives, bad, subject).ok, `byte ${at}`).toBe(false);
  }
});

test('a fingerprint is read as it is shown', () => {
  const { accountId } = alice.state;
  const shown = accountFingerprint(accountId);
  expect(unwrap(parseFingerprint(` ${shown.toUpperCase()}\n`))).toEqual(fingerprintOf(accountId));
  for (const bad of ['', shown.slice(1), `${shown}y`, shown.replace(/^./, '0')])
    expect(parseFingerprint(bad)).toMatchObject({ ok: false, refusal: { code: 'fingerprint' } });
});
