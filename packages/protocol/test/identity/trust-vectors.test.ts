import { expect, test } from 'vitest';
import {
  compareVerifyCode,
  decodeVouches,
  encodeVouches,
  formatVerifyCode,
  hexToBytes,
  keyPicture,
  keyPictureArt,
  keyPictureSvg,
  parseSpokenWords,
  parseVerifyCode,
  readClaimVouch,
  spokenWordLists,
  spokenWords,
  unwrap,
  verifyVouch,
  type AccountId,
  type AccountIdentity,
  type AccountKey,
  type Result,
} from '@mycelium/protocol';
import { plain } from '../../../../vectors/generate/form/plain.ts';
import { ownVectors } from '../vector-files.ts';
import { primitives } from './people.ts';

interface Refused {
  readonly why: string;
  readonly where: string;
  readonly code: string;
}
type Account = Record<'accountId' | 'accountKey', string>;

type Subject = Account & { readonly address: string };

const vectors = ownVectors('trust.json') as {
  readonly spokenWords: {
    readonly lists: Record<'even' | 'odd', string>;
    readonly valid: readonly { one: Account; other: Account; words: string }[];
    readonly read: readonly { text: string; words: string }[];
    readonly refused: readonly (Refused & { text: string })[];
  };
  readonly verifyCodes: {
    readonly valid: readonly {
      own: Account;
      contact: Account;
      text: string;
      fields: unknown;
      comparison: string;
    }[];
    readonly refused: readonly (Refused & { text: string })[];
  };
  readonly keyPictures: {
    readonly valid: readonly {
      key: string;
      name: string;
      colour: string;
      extent: number;
      svg: string;
      art: string[];
    }[];
    readonly different: readonly { one: string; other: string }[];
  };
  readonly vouches: {
    readonly valid: readonly { vouch: string; voucher: Account; nowMs: number; fields: unknown }[];
    readonly refused: readonly (Refused & { vouch: string; voucher: Account; nowMs: number })[];
    readonly inClaims: {
      readonly valid: readonly { inClaim: string; subject: Subject; statement: string }[];
      readonly refused: readonly (Refused & { inClaim: string; subject: Subject })[];
    };
    readonly messages: {
      readonly valid: readonly { body: string; vouches: string[] }[];
      readonly refused: readonly (Refused & { body: string })[];
    };
  };
};

const hex = (text: string): Uint8Array => hexToBytes(text) ?? new Uint8Array();
const account = ({ accountId, accountKey }: Account): AccountIdentity => ({
  accountId: hex(accountId) as AccountId,
  accountKey: hex(accountKey) as AccountKey,
});
const refusedAs = (result: Result<unknown>, { where, code, why }: Refused): void =>
  expect(result, why).toMatchObject({ ok: false, refusal: { where, code } });

test('spoken words are the same on both sides, and what is typed is read or refused', () => {
  expect(spokenWordLists.map((list) => list.join(' '))).toEqual(Object.values(vectors.spokenWords.lists));
  for (const vector of vectors.spokenWords.valid) {
    const [one, other] = [account(vector.one), account(vector.other)];
    expect(spokenWords(primitives, one, other)).toBe(vector.words);
    expect(spokenWords(primitives, other, one)).toBe(vector.words);
    expect(unwrap(parseSpokenWords(vector.words))).toBe(vector.words);
  }
  for (const { text, words } of vectors.spokenWords.read) expect(unwrap(parseSpokenWords(text))).toBe(words);
  for (const vector of vectors.spokenWords.refused) refusedAs(parseSpokenWords(vector.text), vector);
});

test('verify codes say what they say, or are refused by the rule they break', () => {
  for (const { own, contact, text, fields, comparison } of vectors.verifyCodes.valid) {
    const code = unwrap(parseVerifyCode(primitives, text));
    expect(plain(code)).toEqual(fields);
    expect(compareVerifyCode(primitives, code, account(own), account(contact))).toBe(comparison);
    if (comparison === 'same')
      expect(formatVerifyCode(primitives, account(contact), account(own))).toBe(text);
    const wrapped = text.replace('mycelium:', ' MYCELIUM://').replace(/.{40}/g, '$&\n');
    expect(plain(unwrap(parseVerifyCode(primitives, wrapped)))).toEqual(fields);
  }
  for (const vector of vectors.verifyCodes.refused)
    refusedAs(parseVerifyCode(primitives, vector.text), vector);
});

test('a key draws its picture, to the last digit', () => {
  for (const { key, name, colour, extent, svg, art } of vectors.keyPictures.valid) {
    const picture = keyPicture(primitives, hex(key));
    expect(picture).toMatchObject({ name, colour, extent });
    expect(keyPictureSvg(picture)).toBe(svg);
    expect(keyPictureArt(picture)).toEqual(art);
  }
  for (const { one, other } of vectors.keyPictures.different) {
    const [first, second] = [one, other].map((key) => keyPictureSvg(keyPicture(primitives, hex(key))));
    expect(first).not.toBe(second);
  }
});

test('vouches hold, or are refused by the rule they break', () => {
  for (const { vouch, voucher, nowMs, fields } of vectors.vouches.valid)
    expect(plain(unwrap(verifyVouch(primitives, hex(vouch), account(voucher), nowMs)))).toEqual(fields);
  for (const vector of vectors.vouches.refused) {
    const { vouch, voucher, nowMs } = vector;
    refusedAs(verifyVouch(primitives, hex(vouch), account(voucher), nowMs), vector);
  }
  const read = (inClaim: string, subject: Subject): ReturnType<typeof readClaimVouch> =>
    readClaimVouch(hex(inClaim), { ...account(subject), address: subject.address });
  for (const { inClaim, subject, statement } of vectors.vouches.inClaims.valid)
    expect(plain(unwrap(read(inClaim, subject)).statement)).toBe(statement);
  for (const vector of vectors.vouches.inClaims.refused)
    refusedAs(read(vector.inClaim, vector.subject), vector);
  for (const { body, vouches } of vectors.vouches.messages.valid) {
    expect(plain(unwrap(decodeVouches(hex(body))))).toEqual(vouches);
    expect(plain(encodeVouches(vouches.map(hex)))).toBe(body);
  }
  for (const vector of vectors.vouches.messages.refused) refusedAs(decodeVouches(hex(vector.body)), vector);
});
