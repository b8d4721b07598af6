/** The program's entry: ties the commands to the terminal and to the daemon, which is loaded only where it is needed. */
import { enableCompileCache } from 'node:module';
import path from 'node:path';

// Kept in the repository's own cache, which nobody else can write to: each command is a process, and starts in half the time.
enableCompileCache(path.resolve(import.meta.dirname, '../../../.cache/compiled'));

// A reader that goes away (`mycelium history bob | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const { runProgram } = await import('./program.ts');
process.exitCode = await runProgram(
  process.argv.slice(2),
  { input: process.stdin, output: process.stdout, errors: process.stderr, env: process.env },
  async () => (await import('./daemon/daemon.ts')).daemon,
);
