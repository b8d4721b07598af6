// Runs one of the repository's tools and keeps what it printed.
import { spawn } from 'node:child_process';
import path from 'node:path';

export const root: string = path.resolve(import.meta.dirname, '..');

export interface Finished {
  readonly ok: boolean;
  readonly output: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** Print while it runs, not only keep. */
  readonly show?: boolean;
}

export function runCommand(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const { promise, resolve, reject } = Promise.withResolvers<Finished>();
  const child = spawn(command, args, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.timeoutMs !== undefined && { timeout: options.timeoutMs }),
  });
  const chunks: Buffer[] = [];
  const keep = (chunk: Buffer): void => {
    chunks.push(chunk);
    if (options.show === true) process.stdout.write(chunk);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', reject);
  child.on('close', (code, signal) => {
    const ending = signal === null ? '' : `\n${command} was ended by ${signal}\n`;
    resolve({ ok: code === 0, output: Buffer.concat(chunks).toString('utf8') + ending });
  });
  return promise;
}

/** Runs a JavaScript or TypeScript file of the repository with this same Node. */
export function runNode(
  script: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  return runCommand(process.execPath, [path.resolve(root, script), ...args], options);
}
