/**
 * The command line: global options, the table of commands, and how each ends. `--data` and `--json` may stand before or
 * after the command. Exit codes: 0 done, 1 failed, 2 wrong use.
 */
import path from 'node:path';
import { ApiClosedError, ApiError, type ApiErrorCode } from '@mycelium/api';
import { Command, CommanderError } from 'commander';
import { addAccount } from './commands/account.ts';
import { addChat } from './commands/chat.ts';
import type { Bind, Context, Daemon } from './commands/command.ts';
import { addContact } from './commands/contact.ts';
import { addDemo } from './commands/demo.ts';
import { addDomain } from './commands/domain.ts';
import { addHistory } from './commands/history.ts';
import { addInit } from './commands/init.ts';
import { addAccept, addInvite } from './commands/invite.ts';
import { addListen } from './commands/listen.ts';
import { addPage } from './commands/page.ts';
import { addRelay } from './commands/relay.ts';
import { addSend } from './commands/send.ts';
import { addStatus } from './commands/status.ts';
import { addUp } from './commands/up.ts';
import { addVouch } from './commands/vouch.ts';
import { defaultDataFolder } from './data-folder.ts';
import { FailedError, UsageError } from './failures.ts';
import { Output } from './terminal/output.ts';
import type { Terminal } from './terminal/terminal.ts';
import { typedCommand } from './typed-command.ts';
import { version } from './version.ts';

const commands = [
  addInit,
  addUp,
  addInvite,
  addAccept,
  addAccount,
  addContact,
  addVouch,
  addSend,
  addListen,
  addHistory,
  addStatus,
  addChat,
  addPage,
  addRelay,
  addDomain,
  addDemo,
];

/** What cannot work however things stand, so exit 2. */
const wrongUse: ReadonlySet<ApiErrorCode> = new Set<ApiErrorCode>([
  'bad-params',
  'bad-address',
  'bad-phrase',
  'bad-link',
  'bad-number',
  'bad-proof',
  'bad-domain',
  'bad-text',
  'too-long',
  'too-large',
]);

/** Runs one command to its end and answers the exit code. */
export async function runProgram(
  args: readonly string[],
  terminal: Terminal,
  daemon: () => Promise<Daemon>,
): Promise<number> {
  const json = args.slice(0, endOfOptions(args)).includes('--json');
  const output = new Output(terminal, json);
  const program = createProgram(terminal, output, daemon);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    return explain(error, output, terminal.env['MYCELIUM_DEBUG'] === '1');
  }
}

/** After `--` everything is an argument. */
function endOfOptions(args: readonly string[]): number {
  const at = args.indexOf('--');
  return at < 0 ? args.length : at;
}

function createProgram(terminal: Terminal, output: Output, daemon: () => Promise<Daemon>): Command {
  const program = new Command('mycelium')
    .description('A peer-to-peer messenger. Unaudited: see README.md.')
    .version(version)
    .option('--data <dir>', 'the data folder (also MYCELIUM_DATA)')
    .option('--json', 'one JSON object a line on standard output')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.output.write(text),
      // Errors are told once, by `explain`; what is asked to be shown as help goes through.
      writeErr: (text) => void (text.startsWith('error:') ? undefined : terminal.errors.write(text)),
    });
  const contextOf = (): Context => {
    const data = dataFolder(program.opts<{ data?: string }>().data, terminal);
    return { data, output, terminal, daemon, typed: (words) => typedCommand(words, data, terminal.env) };
  };
  const bind: Bind = (command, perform) => {
    command.action(() => perform(contextOf(), command.args, command.opts<never>()));
  };
  for (const add of commands) add(program, bind);
  return program;
}

function dataFolder(given: string | undefined, terminal: Terminal): string {
  const chosen = given ?? terminal.env['MYCELIUM_DATA'];
  if (chosen === '') throw new UsageError('--data: the name of a folder is missing.');
  return path.resolve(chosen ?? defaultDataFolder(terminal.env));
}

function explain(error: unknown, output: Output, debug: boolean): number {
  if (debug && error instanceof Error) output.note(String(error.stack));
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (error.code === 'commander.help') return 2; // no command: the help was shown
    output.fail('usage', usageText(error.message));
    return 2;
  }
  if (error instanceof UsageError) {
    output.fail(error.code, error.message);
    return 2;
  }
  if (error instanceof ApiError) {
    output.fail(error.code, error.message);
    return wrongUse.has(error.code) ? 2 : 1;
  }
  if (error instanceof FailedError) output.fail(error.code, error.message);
  else if (error instanceof ApiClosedError) output.fail('node-stopped', error.message);
  else if (hasCode(error)) output.fail(error.code, error.message);
  else
    output.fail(
      'internal',
      `Something went wrong in this program: ${error instanceof Error ? error.message : 'no reason given'}`,
    );
  return 1;
}

/** Commander's message as one sentence. */
function usageText(message: string): string {
  const sentence = message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/\.$/, '');
  return `${sentence}. See: mycelium help`;
}

function hasCode(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
