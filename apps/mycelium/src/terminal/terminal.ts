/** The person's end: what is printed, asked and read. Tests put their own in its place. */
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { FailedError, UsageError } from '../failures.ts';

export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly output: Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
  readonly errors: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** True when there is a person to ask. */
export function isAttended(terminal: Terminal): boolean {
  return terminal.input.isTTY === true && terminal.errors.isTTY === true;
}

/** Questions go to standard error, so that standard output stays what was asked for. */
export function ask(terminal: Terminal, question: string): Promise<string> {
  const lines = createInterface({ input: terminal.input, output: terminal.errors });
  return answer(terminal, lines, question);
}

/** The same without showing what is typed. */
export function askHidden(terminal: Terminal, question: string): Promise<string> {
  const { errors } = terminal;
  errors.write(question);
  const silent = { write: () => true, on: () => silent, removeListener: () => silent, end: () => silent };
  const lines = createInterface({
    input: terminal.input,
    output: silent as unknown as NodeJS.WritableStream,
    terminal: true,
  });
  return answer(terminal, lines, '').finally(() => errors.write('\n'));
}

function answer(terminal: Terminal, lines: Interface, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let given: string | undefined;
    lines.once('SIGINT', () => {
      reject(new FailedError('interrupted', 'Interrupted.'));
      lines.close();
      // The question kept Ctrl-C from becoming a signal; now it is one.
      if (terminal.input === process.stdin) process.kill(process.pid, 'SIGINT');
    });
    lines.once('close', () => {
      if (given === undefined) reject(new FailedError('cancelled', 'Nothing was entered.'));
      else resolve(given);
    });
    lines.question(question, (line) => {
      given = line.trim();
      lines.close();
    });
  });
}

/** All of standard input, at most `lengthMax` characters. */
export async function readInput(terminal: Terminal, lengthMax: number): Promise<string> {
  let text = '';
  terminal.input.setEncoding('utf8');
  for await (const piece of terminal.input) {
    text += String(piece);
    if (text.length > lengthMax)
      throw new UsageError(`Standard input has more than ${lengthMax} characters.`);
  }
  return text;
}
