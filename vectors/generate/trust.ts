// vectors/trust.json: spoken words, verify codes, key pictures, vouches (spec/trust.md).
import {
  claimVouchOf,
  compareVerifyCode,
  concatBytes,
  decodeVouches,
  encodeVouches,
  formatVerifyCode,
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
  type AccountIdentity,
  type AccountKey,
} from '@mycelium/protocol';
import { alice, bob } from '../../packages/protocol/test/identity/accounts.ts';
import { primitives, seedOf } from '../../packages/protocol/test/identity/people.ts';
import {
  carol,
  carolsVouch,
  claimVouchesThatDoNot,
  vouchesThatDoNot,
  vouchesThatHold,
} from '../../packages/protocol/test/identity/vouches.ts';
import { plain, refusalOf } from './form/plain.ts';

const a = identityOf(alice.state);
const b = identityOf(bob.state);
const c = identityOf(carol.state);
/** Bob after a rotation: the same account, another key. */
const b2 = { ...b, accountKey: seedOf('another key of Bob') as AccountKey };

function identityOf({ accountId, accountKey }: AccountIdentity): AccountIdentity {
  return { accountId, accountKey };
}

function wordVectors(): object {
  const words = spokenWords(primitives, a, b);
  const list = words.split(' ');
  const swapped = [list[1], list[0], ...list.slice(2)].join(' ');
  const refused = [
    { why: 'none', text: '' },
    { why: 'seventeen words', text: list.slice(1).join(' ') },
    { why: 'nineteen words', text: `${words} aardvark` },
    { why: 'a word of no list', text: [...list.slice(0, -1), 'mycelium'].join(' ') },
    { why: 'two words changed places', text: swapped },
    { why: 'a word of the recovery list', text: ['abandon', ...list.slice(1)].join(' ') },
    { why: 'far too long', text: 'aardvark '.repeat(200) },
  ];
  return {
    lists: { even: spokenWordLists[0].join(' '), odd: spokenWordLists[1].join(' ') },
    valid: [
      [a, b],
      [b, a],
      [a, b2],
      [b, c],
    ].map(([one = a, other = b]) => ({
      one: plain(one),
      other: plain(other),
      words: spokenWords(primitives, one, other),
    })),
    read: [`  ${list.join(', ').toUpperCase()}\n`, list.join('-')].map((text) => ({ text, words })),
    refused: refused.map((entry) => ({ ...entry, ...refusalOf(parseSpokenWords(entry.text)) })),
  };
}

function codeVectors(): object {
  const code = formatVerifyCode(primitives, b, a);
  const at = code.length - 20;
  const cases = [
    { why: 'Bob shows it, Alice scans it', own: a, contact: b, text: code },
    { why: 'Alice shows it, Bob scans it', own: b, contact: a, text: formatVerifyCode(primitives, a, b) },
    {
      why: 'Bob has another key than Alice knows',
      own: a,
      contact: b,
      text: formatVerifyCode(primitives, b2, a),
    },
    { why: 'Bob knows another Alice', own: a, contact: b, text: formatVerifyCode(primitives, b, c) },
    { why: 'her own code', own: a, contact: b, text: formatVerifyCode(primitives, a, b) },
    { why: 'a code of others', own: a, contact: b, text: formatVerifyCode(primitives, c, b2) },
  ];
  const refused = [
    { why: 'an invite link', text: code.replace('verify', 'invite') },
    { why: 'nothing after the scheme', text: 'mycelium:verify/' },
    { why: 'cut off', text: code.slice(0, -4) },
    { why: 'something after its end', text: `${code}AAAA` },
    {
      why: 'one character changed',
      text: code.slice(0, at) + (code[at] === 'A' ? 'B' : 'A') + code.slice(at + 1),
    },
    { why: 'a character of no alphabet', text: `${code.slice(0, at)}!${code.slice(at)}` },
    { why: 'version 2', text: code.replace('verify/A', 'verify/B') },
    { why: 'far too long', text: `${code}${' '.repeat(600)}` },
  ];
  return {
    valid: cases.map((one) => ({
      ...(plain(one) as object),
      fields: plain(unwrap(parseVerifyCode(primitives, one.text))),
      comparison: compareVerifyCode(
        primitives,
        unwrap(parseVerifyCode(primitives, one.text)),
        one.own,
        one.contact,
      ),
    })),
    refused: refused.map((one) => ({ ...one, ...refusalOf(parseVerifyCode(primitives, one.text)) })),
  };
}

function pictureVectors(): object {
  const flipped = a.accountKey.map((byte, at) => (at === 31 ? byte ^ 1 : byte));
  const keys = [
    a.accountKey,
    flipped,
    b.accountKey,
    c.accountKey,
    new Uint8Array(32),
    new Uint8Array(32).fill(255),
    ...Array.from({ length: 14 }, (_, at) => seedOf(`picture ${at}`)),
  ];
  return {
    valid: keys.map((key) => {
      const picture = keyPicture(primitives, key);
      const { name, colour, extent } = picture;
      return {
        key: plain(key),
        name,
        colour,
        extent,
        svg: keyPictureSvg(picture),
        art: keyPictureArt(picture),
      };
    }),
    /** Keys that differ in one bit: their pictures must not be equal. */
    different: [{ one: plain(a.accountKey), other: plain(flipped) }],
  };
}

function vouchVectors(): object {
  const valid = vouchesThatHold();
  const subject = { ...b, address: bob.address.text };
  const body = encodeVouches(valid.slice(0, 2).map(({ vouch }) => vouch));
  const bodies = [
    { why: 'none', body: Uint8Array.of(0) },
    { why: 'seventeen', body: encodeVouches(Array.from({ length: 17 }, () => Uint8Array.of(1))) },
    { why: 'longer than 512 bytes', body: encodeVouches([new Uint8Array(513)]) },
    { why: 'cut off', body: body.slice(0, -1) },
    { why: 'one byte too many', body: concatBytes(body, Uint8Array.of(0)) },
  ];
  return {
    valid: valid.map(({ why, vouch, voucher, nowMs }) =>
      plain({
        why,
        vouch,
        voucher: identityOf(voucher),
        nowMs,
        fields: unwrap(verifyVouch(primitives, vouch, voucher, nowMs)),
      }),
    ),
    refused: vouchesThatDoNot().map(({ why, vouch, voucher, nowMs }) => ({
      ...(plain({ why, vouch, voucher: identityOf(voucher), nowMs }) as object),
      ...refusalOf(verifyVouch(primitives, vouch, voucher, nowMs)),
    })),
    inClaims: {
      valid: [
        plain({
          inClaim: claimVouchOf(carolsVouch, valid[0]?.vouch ?? new Uint8Array()),
          subject,
          statement: valid[0]?.vouch,
        }),
      ],
      refused: claimVouchesThatDoNot().map(({ why, vouch }) => ({
        why,
        inClaim: plain(vouch),
        subject: plain(subject),
        ...refusalOf(readClaimVouch(vouch, subject)),
      })),
    },
    messages: {
      valid: [plain({ body, vouches: unwrap(decodeVouches(body)) })],
      refused: bodies.map(({ why, body: bytes }) => ({
        why,
        body: plain(bytes),
        ...refusalOf(decodeVouches(bytes)),
      })),
    },
  };
}

export function generate(): unknown {
  return {
    spec: 'spec/trust.md',
    spokenWords: wordVectors(),
    verifyCodes: codeVectors(),
    keyPictures: pictureVectors(),
    vouches: vouchVectors(),
  };
}
