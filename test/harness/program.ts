/**
 * The program as a person runs it: real processes, real folders, real sockets on loopback. Every process started
 * here is stopped by its process id, and every folder removed, when its `World` ends.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { patienceMs } from './patience.ts';

const root = path.resolve(import.meta.dirname, '../..');
export const mainFile: string = path.join(root, 'apps/mycelium/src/main.js');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  /** Put before the command: `['ip', 'netns', 'exec', 'alice']`. */
  readonly prefix?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

function start(args: readonly string[], options: RunOptions): ChildProcess {
  const line = [...(options.prefix ?? []), process.execPath, mainFile, ...args];
  return spawn(line[0] ?? '', line.slice(1), {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Nobody is asked about example.com unless a test says whom.
    env: { ...process.env, NO_COLOR: '1', MYCELIUM_DOMAIN_LOOKUP: 'off', ...options.env },
  });
}

/** Runs one command to its end. A hang is a failure that shows what was printed. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = start(args, options);
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin?.on('error', () => undefined); // it may end without reading
    child.stdin?.end(options.input ?? '');
    const timer = setTimeout(() => {
      stderr += `\n(killed by the test after ${patienceMs} ms)`;
      child.kill('SIGKILL');
    }, patienceMs);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}

export type Json = Readonly<Record<string, unknown>>;

/** A process that prints one JSON object a line, read as they come. */
export class Stream {
  readonly child: ChildProcess;
  readonly lines: Json[] = [];
  stderr = '';
  #partial = '';
  #ended: number | string | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(args: readonly string[], options: RunOptions = {}) {
    this.child = start(args, options);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#wake();
    });
    this.child.on('close', (code, signal) => {
      this.#ended = signal ?? code ?? 'unknown';
      this.#wake();
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  #read(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') this.lines.push(JSON.parse(line) as Json);
    this.#wake();
  }

  #wake(): void {
    for (const check of this.#waiting) check();
  }

  /** Resolves once `found` answers something for all the lines so far. */
  until<T>(what: string, found: (lines: readonly Json[]) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
      };
      const fail = (reason: string): void => {
        stop();
        const tail = this.lines.slice(-8).map((line) => JSON.stringify(line));
        reject(new Error(`waited for ${what}: ${reason}\n${tail.join('\n')}\n${this.stderr.slice(-4000)}`));
      };
      const check = (): void => {
        const value = found(this.lines);
        if (value !== undefined) {
          stop();
          resolve(value);
        } else if (this.#ended !== undefined) fail(`the process ended with ${this.#ended}`);
      };
      const timer = setTimeout(() => fail(`nothing in ${patienceMs} ms`), patienceMs);
      this.#waiting.add(check);
      check();
    });
  }

  /** Waits until the process is gone by itself. */
  async end(): Promise<number | string> {
    await this.until('its end', () => this.#ended);
    return this.#ended ?? 'unknown';
  }

  /** Stops the process and waits until it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    if (this.#ended !== undefined) return this.#ended;
    return new Promise((resolve) => {
      const hard = setTimeout(() => this.child.kill('SIGKILL'), patienceMs / 3);
      this.child.on('close', (code, by) => {
        clearTimeout(hard);
        resolve(by ?? code ?? 'unknown');
      });
      this.child.kill(signal);
    });
  }
}

/** Folders and processes of one test; `end` leaves nothing behind. */
export class World {
  readonly folder: string = mkdtempSync(path.join(os.tmpdir(), 'mycelium-test-'));
  readonly #streams: Stream[] = [];

  stream(args: readonly string[], options: RunOptions = {}): Stream {
    const stream = new Stream(args, options);
    this.#streams.push(stream);
    return stream;
  }

  async end(): Promise<void> {
    await Promise.all(this.#streams.map((stream) => stream.stop('SIGKILL')));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
