/**
 * Other processes of a benchmark, and questions to them. A script in this folder says what it is asked and what it
 * answers in a type, and ends when who asks is gone.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** By name: what is asked and what is answered. */
type Contract<C> = { readonly [Name in keyof C]: { readonly asked: unknown; readonly answered: unknown } };

interface Answer {
  readonly number: number;
  readonly value?: unknown;
  readonly failed?: string;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Child<C extends Contract<C>> {
  readonly #script: string;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  /** `script`: its path from this folder. */
  constructor(script: string, execArgv: readonly string[] = []) {
    this.#script = script;
    this.#process = fork(path.join(import.meta.dirname, script), {
      execArgv: [...execArgv],
      serialization: 'advanced',
    });
    this.#process.on('message', (answer: Answer) => this.#answered(answer));
    this.#process.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`${script} ended with ${signal ?? code}`));
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  ask<Name extends keyof C & string>(name: Name, asked: C[Name]['asked']): Promise<C[Name]['answered']> {
    return new Promise((resolve, reject) => {
      if (!this.#process.connected) return reject(new Error(`${this.#script} has ended`));
      this.#asked += 1;
      this.#waiting.set(this.#asked, { resolve: (value) => resolve(value as C[Name]['answered']), reject });
      this.#process.send({ name, asked, number: this.#asked });
      return undefined;
    });
  }

  #answered({ number, value, failed }: Answer): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (failed === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(`${this.#script}: ${failed}`));
  }

  /** Hangs up, at which the other process ends. */
  async stop(): Promise<void> {
    if (!this.#process.connected) return;
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }
}

/** In the other process. */
export function answerQuestions<C extends Contract<C>>(handlers: {
  readonly [Name in keyof C]: (asked: C[Name]['asked']) => Promise<C[Name]['answered']> | C[Name]['answered'];
}): void {
  const take = async (question: { name: keyof C; asked: unknown; number: number }): Promise<void> => {
    const { name, asked, number } = question;
    try {
      process.send?.({ number, value: await handlers[name](asked) });
    } catch (error) {
      const failed = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.send?.({ number, failed });
    }
  };
  process.on('message', (question: { name: keyof C; asked: unknown; number: number }) => void take(question));
  process.on('disconnect', () => process.exit());
}
