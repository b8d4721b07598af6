/** `mycelium init ADDRESS [--recover]`: makes the account of this data folder, or recovers it. */
import type { Command } from 'commander';
import type { NewAccount } from '@mycelium/api';
import { connect, type Connection } from '../connection.ts';
import { FailedError, UsageError } from '../failures.ts';
import { readPhrase } from './account.ts';
import { newAccountText } from './account-texts.ts';
import type { Bind, Context } from './command.ts';
import { parseDuration } from './durations.ts';
import { findPassphrase, passphraseOption, type PassphraseOptions } from './passphrase.ts';

interface Options extends PassphraseOptions {
  readonly recover?: true;
  readonly deviceName?: string;
  readonly expires?: number;
  readonly bootstrap?: readonly string[];
}

const append = (value: string, all: readonly string[] | undefined): readonly string[] => [
  ...(all ?? []),
  value,
];

export function addInit(program: Command, bind: Bind): void {
  const command = program
    .command('init')
    .description('make an account, or recover yours')
    .argument('<address>', 'how people will find you: name@domain')
    .option('--recover', 'recover the account from its phrase, read from the terminal or from standard input')
    .option('--device-name <name>', 'what this device is called')
    .option(
      '--expires <duration>',
      'the device leaves the account after so long, unless it is used before',
      parseDuration,
    )
    .option(
      '--bootstrap <addr>',
      'with --recover and no node running: a directory node that knows the account (repeatable)',
      append,
    )
    .option(...passphraseOption);
  bind<Options>(command, init);
}

async function init(context: Context, args: readonly string[], options: Options): Promise<void> {
  const [address = ''] = args;
  const phrase = options.recover === true ? await readPhrase(context) : undefined;
  const { deviceName, expires: deviceLifetimeMs } = options;
  const wish = { address, phrase, deviceName, deviceLifetimeMs };
  const account = await withAnyNode(context, options, (node) => node.call('account.create', wish));
  context.output.print(forPrograms(account), () => newAccountText(account, options.recover === true));
}

function forPrograms({ address, userId, phrase, fingerprint }: NewAccount): object {
  return { address, userId, phrase, fingerprint };
}

/** With the node that runs; where none does, with one in this process for just that long. */
async function withAnyNode<T>(
  context: Context,
  options: Options,
  work: (node: Connection) => Promise<T>,
): Promise<T> {
  const running = await connect(context.data);
  if (running !== undefined) {
    if (options.passphraseFile !== undefined) {
      running.close();
      throw new UsageError(
        'A node runs here already, so its store is open: a passphrase is chosen before that. Stop it first.',
      );
    }
    return work(running).finally(() => running.close());
  }
  const passphrase = await findPassphrase(context, options);
  const daemon = await context.daemon();
  const { recover, bootstrap = [] } = options;
  // What the words are is known only by asking: an account that is begun again is another one to its contacts.
  if (recover === true && bootstrap.length === 0) {
    context.output.note(
      'No directory node is named with --bootstrap, so nobody is asked about earlier devices of this account.',
    );
  }
  const own = await daemon.start({
    data: context.data,
    roles: ['user'],
    listen: [],
    bootstrap,
    relays: [],
    passphrase,
    offline: recover !== true || bootstrap.length === 0,
  });
  try {
    const node = await connect(context.data);
    if (node === undefined)
      throw new FailedError('no-connection', 'The data folder was opened and its socket does not answer.');
    return await work(node).finally(() => node.close());
  } finally {
    await own.stop();
  }
}
