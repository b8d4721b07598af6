/** Real processes for the demonstration, in a folder that goes away with them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FailedError } from '../failures.ts';

const mainFile = fileURLToPath(new URL('../main.js', import.meta.url));

const patienceMs = 20_000;
/** Each takes some tenths of a second. */
const triesMax = 60;

type Json = Readonly<Record<string, unknown>>;

export interface DemoNode {
  readonly address: string;
  stop(): Promise<void>;
}

export class DemoWorld {
  readonly folder: string = mkdtempSync(path.join(os.tmpdir(), 'mycelium-demo-'));
  readonly #children = new Set<ChildProcess>();
  /** A second Ctrl-C ends this process at once; even then nothing stays. */
  readonly #atExit = (): void => {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  };

  constructor() {
    process.once('exit', this.#atExit);
  }

  data(name: string): string {
    return path.join(this.folder, name);
  }

  /** Runs a command on somebody's data folder and answers what it printed. */
  async run(name: string, ...args: string[]): Promise<readonly Json[]> {
    const child = this.#spawn(name, args);
    let printed = '';
    let errors = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const code = await ended(child);
    if (code !== 0)
      throw new FailedError(
        'demo',
        `${name}: mycelium ${args[0] ?? ''} ended with ${code}. ${errors.trim()}`,
      );
    return linesOf(printed);
  }

  /** Runs a command until a line that it prints has this text. */
  async untilPrinted(name: string, text: string, ...args: string[]): Promise<void> {
    for (let left = triesMax; left > 0; left -= 1) {
      const lines = await this.run(name, ...args);
      if (lines.some((line) => line['text'] === text)) return;
    }
    throw new FailedError('demo', `${name} never saw: ${text}`);
  }

  /** Starts a node and resolves when it is ready. */
  async up(name: string, ...args: string[]): Promise<DemoNode> {
    const child = this.#spawn(name, ['up', '--listen', '127.0.0.1:0', ...args]);
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const ready = await new Promise<Json>((resolve, reject) => {
      let printed = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        if (printed.includes('\n')) resolve(linesOf(printed)[0] ?? {});
      });
      void ended(child).then((code) =>
        reject(new FailedError('demo', `${name}'s node ended with ${code}. ${errors.trim()}`)),
      );
    });
    const [address = ''] = ready['addresses'] as readonly string[];
    return {
      address,
      stop: async () => {
        child.kill('SIGTERM');
        await ended(child);
      },
    };
  }

  /** Asked first: a node that is killed leaves its socket in the folder for runtime files. */
  async end(): Promise<void> {
    const children = [...this.#children];
    for (const child of children) child.kill('SIGTERM');
    const late = setTimeout(() => {
      for (const child of children) child.kill('SIGKILL');
    }, patienceMs);
    await Promise.all(children.map(ended));
    clearTimeout(late);
    process.off('exit', this.#atExit);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #spawn(name: string, args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, [mainFile, ...args, '--json', '--data', this.data(name)], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // The addresses of the demonstration are of domains that exist.
      env: { ...process.env, MYCELIUM_DOMAIN_LOOKUP: 'off' },
    });
    this.#children.add(child);
    void ended(child).then(() => this.#children.delete(child));
    return child;
  }
}

function ended(child: ChildProcess): Promise<number | string> {
  if (child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve(child.exitCode ?? child.signalCode ?? 0);
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 0));
    child.once('error', (error) => resolve(error.message));
  });
}

function linesOf(printed: string): readonly Json[] {
  return printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Json);
}
