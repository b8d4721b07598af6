/** Ties the commands to the terminal and to the daemon, which is loaded only where it is needed. Started by main.js. */
import { runProgram } from './program.ts';

// A reader that goes away (`mycelium history bob | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await runProgram(
  process.argv.slice(2),
  { input: process.stdin, output: process.stdout, errors: process.stderr, env: process.env },
  async () => (await import('./daemon/daemon.ts')).daemon,
);
// Everything is stopped and said by now. What still holds the process (a socket that its other end does not close) may not.
setTimeout(() => process.exit(), 2000).unref();
