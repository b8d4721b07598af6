/** The program's entry: ties the commands to the terminal and to the daemon, which is loaded only where it is needed. */
import { runProgram } from './program.ts';

// A reader that goes away (`mycelium history bob | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await runProgram(
  process.argv.slice(2),
  { input: process.stdin, output: process.stdout, errors: process.stderr, env: process.env },
  async () => (await import('./daemon/daemon.ts')).daemon,
);
