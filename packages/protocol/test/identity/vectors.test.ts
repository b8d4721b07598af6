import { expect, test } from 'vitest';
import {
  accountEntryHash,
  accountFingerprint,
  addressOf,
  bytesToHex,
  cardQueueKeys,
  compareAccountLogs,
  createRecoveryPhrase,
  deriveAccountSecrets,
  formatInvite,
  formatPeerAddress,
  hexToBytes,
  parseAddress,
  parseInvite,
  parsePeerAddress,
  parseRecoveryPhrase,
  parseUserId,
  replayAccountLog,
  safetyNumber,
  signedBytes,
  unwrap,
  userIdOf,
  verifyCard,
  verifyDeviceCertificate,
  type AccountId,
  type AccountKey,
  type Result,
} from '@mycelium/protocol';
import { plain } from '../../../../vectors/generate/form/plain.ts';
import { ownVectors } from '../vector-files.ts';
import { primitives } from './people.ts';

interface Refused {
  readonly why?: string;
  readonly where: string;
  readonly code: string;
}

const hex = (text: string): Uint8Array => hexToBytes(text) ?? new Uint8Array();
const refusedAs = (result: Result<unknown>, { where, code, why }: Refused): void =>
  expect(result, why).toMatchObject({ ok: false, refusal: { where, code } });

const identity = ownVectors('identity.json') as {
  readonly addresses: {
    readonly valid: readonly { input: string; address: string }[];
    readonly refused: readonly (Refused & { input: string })[];
  };
  readonly userIds: {
    readonly valid: readonly { address: string; id: string; turnsBack: boolean }[];
    readonly refused: readonly (Refused & { id: string })[];
  };
  readonly peerAddresses: {
    readonly valid: readonly { text: string; key: string; endpoint?: object }[];
    readonly refused: readonly (Refused & { text: string })[];
  };
  readonly recovery: {
    readonly valid: readonly Record<
      | 'entropy'
      | 'phrase'
      | 'passphrase'
      | 'address'
      | 'accountSeed'
      | 'accountKey'
      | 'directorySecret'
      | 'cardSecret'
      | 'cardOwnerSeed',
      string
    >[];
    readonly refused: readonly (Refused & { phrase: string })[];
  };
  readonly safetyNumbers: readonly {
    one: Record<'accountId' | 'accountKey', string>;
    other: Record<'accountId' | 'accountKey', string>;
    safetyNumber: string;
    fingerprint: string;
  }[];
  readonly invites: {
    readonly valid: readonly { link: string; nowMs: number; fields: unknown }[];
    readonly refused: readonly (Refused & { link: string; nowMs: number })[];
  };
  readonly signedBytes: { readonly message: string; readonly bytes: string };
};

const accounts = ownVectors('accounts.json') as {
  readonly logs: {
    readonly valid: readonly { why: string; entries: string[]; hashes: string[]; state: unknown }[];
    readonly refused: readonly (Refused & { entries: string[] })[];
    readonly compared: readonly { known: string[]; offered: string[]; comparison: string }[];
  };
  readonly certificates: {
    readonly valid: readonly { log: string[]; nowMs: number; certificate: string; fields: unknown }[];
    readonly refused: readonly (Refused & { log: string[]; nowMs: number; certificate: string })[];
  };
  readonly cards: {
    readonly valid: readonly {
      card: string;
      nowMs: number;
      accountId: string;
      signer: string;
      domainProof?: string;
    }[];
    readonly refused: readonly (Refused & { card: string; nowMs: number })[];
    readonly queueKeys: Record<'cardSecret' | 'readerSeed' | 'chainKey', string>;
  };
};

test('addresses have one canonical form', () => {
  for (const { input, address } of identity.addresses.valid) {
    expect(unwrap(parseAddress(input)).text).toBe(address);
    expect(unwrap(parseAddress(address)).text).toBe(address);
  }
  for (const vector of identity.addresses.refused)
    refusedAs(parseAddress(vector.input), { why: vector.input, ...vector });
});

test('user ids are computed from the address, and packed ones turn back', () => {
  for (const { address, id, turnsBack } of identity.userIds.valid) {
    const computed = userIdOf(primitives, unwrap(parseAddress(address)));
    expect(bytesToHex(computed)).toBe(id);
    expect(bytesToHex(unwrap(parseUserId(hex(id))))).toBe(id);
    const back = addressOf(computed);
    expect(back.ok ? back.value.text : undefined).toBe(turnsBack ? address : undefined);
  }
  for (const vector of identity.userIds.refused) refusedAs(parseUserId(hex(vector.id)), vector);
});

test('peer addresses', () => {
  for (const { text, ...fields } of identity.peerAddresses.valid) {
    const peer = unwrap(parsePeerAddress(text));
    expect(plain(peer)).toEqual(fields);
    expect(formatPeerAddress(peer)).toBe(text);
  }
  for (const vector of identity.peerAddresses.refused) refusedAs(parsePeerAddress(vector.text), vector);
});

test('the same words, passphrase and address are the same secrets', () => {
  for (const { entropy, phrase, passphrase, address, ...secrets } of identity.recovery.valid) {
    expect(createRecoveryPhrase(hex(entropy))).toBe(phrase);
    const userId = userIdOf(primitives, unwrap(parseAddress(address)));
    const derived = unwrap(deriveAccountSecrets(primitives, { phrase, passphrase, userId }));
    const accountKey = primitives.ed25519PublicKey(derived.accountSeed);
    expect(plain({ ...derived, accountKey })).toEqual(secrets);
  }
  for (const vector of identity.recovery.refused) refusedAs(parseRecoveryPhrase(vector.phrase), vector);
});

test('safety numbers are the same on both sides', () => {
  for (const vector of identity.safetyNumbers) {
    const [one, other] = [vector.one, vector.other].map(({ accountId, accountKey }) => ({
      accountId: hex(accountId) as AccountId,
      accountKey: hex(accountKey) as AccountKey,
    }));
    expect(safetyNumber(primitives, one!, other!)).toBe(vector.safetyNumber);
    expect(safetyNumber(primitives, other!, one!)).toBe(vector.safetyNumber);
    expect(accountFingerprint(one!.accountId)).toBe(vector.fingerprint);
  }
});

test('invite links', () => {
  for (const { link, nowMs, fields } of identity.invites.valid) {
    const invite = unwrap(parseInvite(primitives, link, nowMs));
    expect(plain(invite)).toEqual(fields);
    expect(formatInvite(primitives, invite)).toBe(link);
    const wrapped = `<${link.replace(/.{60}/g, '$&\r\n  ')}>`;
    expect(plain(unwrap(parseInvite(primitives, wrapped, nowMs)))).toEqual(fields);
  }
  for (const vector of identity.invites.refused)
    refusedAs(parseInvite(primitives, vector.link, vector.nowMs), vector);
});

test('signed bytes', () => {
  const { message, bytes } = identity.signedBytes;
  expect(bytesToHex(signedBytes('mycelium card 1', hex(message)))).toBe(bytes);
});

test('account logs replay to their state, or are refused by the rule they break', () => {
  for (const vector of accounts.logs.valid) {
    const entries = vector.entries.map(hex);
    expect(plain(unwrap(replayAccountLog(primitives, entries))), vector.why).toEqual(vector.state);
    expect(entries.map((entry) => bytesToHex(accountEntryHash(primitives, entry)))).toEqual(vector.hashes);
  }
  for (const vector of accounts.logs.refused)
    refusedAs(replayAccountLog(primitives, vector.entries.map(hex)), vector);
});

test('a log that is shorter or different is told from one that goes on', () => {
  for (const { known, offered, comparison } of accounts.logs.compared) {
    expect(compareAccountLogs(known.map(hex), offered.map(hex))).toBe(comparison);
  }
});

test('device certificates are held against the account log', () => {
  const verify = (log: string[], certificate: string, nowMs: number): Result<unknown> =>
    verifyDeviceCertificate(
      primitives,
      unwrap(replayAccountLog(primitives, log.map(hex))),
      hex(certificate),
      nowMs,
    );
  for (const { log, certificate, nowMs, fields } of accounts.certificates.valid) {
    expect(plain(unwrap(verify(log, certificate, nowMs)))).toEqual(fields);
  }
  for (const vector of accounts.certificates.refused)
    refusedAs(verify(vector.log, vector.certificate, vector.nowMs), vector);
});

test('cards', () => {
  for (const { card, nowMs, accountId, signer, domainProof } of accounts.cards.valid) {
    const verified = unwrap(verifyCard(primitives, hex(card), nowMs));
    expect([bytesToHex(verified.state.accountId), bytesToHex(verified.signer)]).toEqual([accountId, signer]);
    expect(plain(verified.domainProof)).toBe(domainProof);
  }
  for (const vector of accounts.cards.refused)
    refusedAs(verifyCard(primitives, hex(vector.card), vector.nowMs), vector);
  const { cardSecret, ...keys } = accounts.cards.queueKeys;
  expect(plain(cardQueueKeys(primitives, hex(cardSecret)))).toEqual(keys);
});
