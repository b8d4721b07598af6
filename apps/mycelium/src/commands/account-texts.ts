/** What a person is told about a new account. */
import type { NewAccount } from '@mycelium/api';
import { inertLine } from '../terminal/inert.ts';

export function newAccountText(account: NewAccount, recovered: boolean): string {
  const words = account.phrase.split(/\s+/);
  const rows: string[] = [];
  for (let at = 0; at < words.length; at += 6) {
    rows.push(
      `    ${words
        .slice(at, at + 6)
        .map((word, row) => `${String(at + row + 1).padStart(2)} ${word.padEnd(9)}`)
        .join(' ')}`,
    );
  }
  return [
    recovered
      ? `This device now belongs to ${inertLine(account.address)}.`
      : `You are ${inertLine(account.address)}.`,
    `Fingerprint: ${inertLine(account.fingerprint)}`,
    '',
    recovered
      ? 'The recovery phrase is the one that you gave:'
      : [
          'Your recovery phrase. It is shown this once. Write it on paper: with it the account',
          'can be recovered, by you or by anybody who reads it.',
        ].join('\n'),
    '',
    ...rows,
    '',
  ].join('\n');
}
