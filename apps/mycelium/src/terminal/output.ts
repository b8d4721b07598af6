/**
 * What a command prints. Without `--json` text for people on standard output; with it one JSON object a line there, and
 * nothing else. Errors: a sentence on standard error, and with `--json` also `{"error":{"code","message"}}` on standard
 * output, so that a program reads one stream.
 */
import { inertJson, inertText } from './inert.ts';
import type { Terminal } from './terminal.ts';

export class Output {
  readonly json: boolean;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal, json: boolean) {
    this.#terminal = terminal;
    this.json = json;
  }

  /** One thing, in whichever form was asked for. `text` must be inert already. */
  print(value: object, text: string | (() => string)): void {
    const line = this.json ? inertJson(value) : typeof text === 'string' ? text : text();
    this.#terminal.output.write(`${line}\n`);
  }

  /** For people only. */
  say(text: string): void {
    if (!this.json) this.#terminal.output.write(`${text}\n`);
  }

  /** For people, beside the output: hints and progress. */
  note(text: string): void {
    this.#terminal.errors.write(`${text}\n`);
  }

  fail(code: string, message: string): void {
    if (this.json) this.#terminal.output.write(`${inertJson({ error: { code, message } })}\n`);
    this.#terminal.errors.write(`${inertText(message)}\n`);
  }
}
