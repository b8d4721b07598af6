/** Where the store's passphrase comes from: a file, a person, or nowhere. Never from the arguments. */
import { readFileSync } from 'node:fs';
import { FailedError } from '../failures.ts';
import { inertLine } from '../terminal/inert.ts';
import { askHidden, isAttended } from '../terminal/terminal.ts';
import type { Context } from './command.ts';

export interface PassphraseOptions {
  readonly passphraseFile?: string;
}

export const passphraseOption = [
  '--passphrase-file <file>',
  'the store’s passphrase is the first line of this file',
] as const;

/** Undefined: the store’s key is, or will be, in a file. */
export async function findPassphrase(
  context: Context,
  options: PassphraseOptions,
): Promise<string | undefined> {
  if (options.passphraseFile !== undefined) return readPassphrase(options.passphraseFile);
  const daemon = await context.daemon();
  const custody = daemon.custody(context.data);
  if (custody === 'file') return undefined;
  if (!isAttended(context.terminal)) {
    if (custody === 'none') return undefined;
    throw new FailedError(
      'passphrase-needed',
      `The store in ${context.data} opens with a passphrase. Give it with --passphrase-file FILE, or start this at a terminal.`,
    );
  }
  if (custody === 'passphrase') return askHidden(context.terminal, 'Passphrase of the store: ');
  context.output.note(`There is nothing in ${inertLine(context.data)} yet: it becomes your data folder.`);
  const chosen = await askHidden(
    context.terminal,
    'Passphrase for the messages on this disk (empty: their key is kept in a file beside them): ',
  );
  if (chosen === '') return undefined;
  if ((await askHidden(context.terminal, 'The same again: ')) !== chosen) {
    throw new FailedError(
      'passphrases-differ',
      'The two passphrases are not the same. Nothing was made; start again.',
    );
  }
  return chosen;
}

/** Of the key of a domain, which is in no store. Undefined: none was chosen, so that the key lies in its file as it is. */
export async function readDomainPassphrase(
  { terminal }: Context,
  { passphraseFile }: PassphraseOptions,
  purpose: 'choose' | 'open',
): Promise<string | undefined> {
  if (passphraseFile !== undefined) return readPassphrase(passphraseFile);
  if (!isAttended(terminal)) {
    if (purpose === 'choose') return undefined;
    throw new FailedError(
      'passphrase-needed',
      'The key of this domain opens with a passphrase: give it with --passphrase-file FILE.',
    );
  }
  if (purpose === 'open') return askHidden(terminal, 'Passphrase of the domain: ');
  const chosen = await askHidden(terminal, 'Passphrase for the key of this domain (empty: none): ');
  if (chosen === '') return undefined;
  if ((await askHidden(terminal, 'The same again: ')) === chosen) return chosen;
  throw new FailedError(
    'passphrases-differ',
    'The two passphrases are not the same. Nothing was made; start again.',
  );
}

function readPassphrase(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new FailedError('passphrase-file', `The passphrase file ${file} cannot be read.`, { cause: error });
  }
  const [line = ''] = text.split(/\r?\n/, 1);
  if (line === '')
    throw new FailedError('passphrase-file', `The passphrase file ${file} has an empty first line.`);
  return line;
}
