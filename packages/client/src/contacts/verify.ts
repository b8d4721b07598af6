/**
 * What two people compare, and the comparison (spec/trust.md, "What is compared"): digits, words or a scanned code. The
 * picture is only shown: it never verifies.
 */
import {
  compareVerifyCode,
  formatVerifyCode,
  keyPicture,
  keyPictureArt,
  keyPictureSvg,
  parseSafetyNumber,
  parseSpokenWords,
  parseVerifyCode,
  safetyNumber,
  spokenWords,
  type AccountIdentity,
  type Primitives,
  type Result,
} from '@mycelium/protocol';
import { accountState, requireAccount } from '../account/account-row.ts';
import { ClientError } from '../client.ts';
import type { PictureView, Shown, VerificationView } from '../trust-views.ts';
import type { Rows } from '../loop/rows.ts';
import type { ContactRow } from '../store/rows.ts';
import { contactState } from './contact-row.ts';
import { openRivals } from './evidence.ts';

interface Pair {
  readonly primitives: Primitives;
  readonly own: AccountIdentity;
  readonly theirs: AccountIdentity;
}

export function verificationView(rows: Rows, primitives: Primitives, contact: ContactRow): VerificationView {
  const { own, theirs } = pairOf(rows, primitives, contact);
  return {
    address: contact.address,
    safetyNumber: safetyNumber(primitives, own, theirs),
    words: spokenWords(primitives, own, theirs),
    code: formatVerifyCode(primitives, own, theirs),
    picture: pictureView(primitives, theirs.accountKey),
    ownPicture: pictureView(primitives, own.accountKey),
  };
}

export function safetyNumberOf(rows: Rows, primitives: Primitives, contact: ContactRow): string {
  const { own, theirs } = pairOf(rows, primitives, contact);
  return safetyNumber(primitives, own, theirs);
}

/** Throws unless what they have shown is what it should be. */
export function assertSame(rows: Rows, primitives: Primitives, contact: ContactRow, shown: Shown): void {
  const pair = pairOf(rows, primitives, contact);
  switch (shown.kind) {
    case 'number': {
      const number = readShown(parseSafetyNumber(shown.text), 'A safety number');
      if (number === safetyNumber(primitives, pair.own, pair.theirs)) return;
      throw differs(
        `The number is not the one for you and ${contact.address}: somebody may stand between you.${orRival(contact)}`,
      );
    }
    case 'words': {
      const words = readShown(parseSpokenWords(shown.text), 'The words');
      if (words === spokenWords(primitives, pair.own, pair.theirs)) return;
      throw differs(
        `The words are not those for you and ${contact.address}: somebody may stand between you.`,
      );
    }
    case 'code':
      assertSameCode(pair, contact.address, shown.text);
  }
}

function assertSameCode({ primitives, own, theirs }: Pair, address: string, text: string): void {
  const code = readShown(parseVerifyCode(primitives, text), 'A verify code');
  switch (compareVerifyCode(primitives, code, own, theirs)) {
    case 'same':
      return;
    case 'writer-differs':
      throw differs(
        `Who shows this code has another account or key than the one that you know as ${address}: somebody may stand between you.`,
      );
    case 'reader-differs':
      throw differs(
        `${address} has another account or key in your place: somebody may stand between you, or they do not know your new key yet.`,
      );
    case 'own':
      throw new ClientError('bad-number', 'This is your own code: they scan yours, or you scan theirs.');
    case 'others':
      throw differs(`This code is not for you and ${address}: it is of other accounts.`);
  }
}

/** Where others claim the address, it may be theirs. */
function orRival(contact: ContactRow): string {
  if (openRivals(contact).length === 0) return '';
  return ' Or it is that of another account which claims the address: "mycelium contact show" names them.';
}

function readShown<T>(read: Result<T>, what: string): T {
  if (read.ok) return read.value;
  throw new ClientError('bad-number', `${what} ${read.refusal.rule}.`);
}

function differs(message: string): ClientError {
  return new ClientError('number-differs', message);
}

function pairOf(rows: Rows, primitives: Primitives, contact: ContactRow): Pair {
  const own = accountState(primitives, requireAccount(rows));
  return { primitives, own, theirs: contactState(primitives, contact) };
}

function pictureView(primitives: Primitives, key: Uint8Array): PictureView {
  const picture = keyPicture(primitives, key);
  const { name, colour } = picture;
  return { name, colour, svg: keyPictureSvg(picture), art: keyPictureArt(picture) };
}
