/** `mycelium account show|rotate-key|phrase|move|device list|device revoke`. */
import type { Command } from 'commander';
import type { AccountLog, Device } from '@mycelium/api';
import { UsageError } from '../failures.ts';
import { inertLine } from '../terminal/inert.ts';
import { askHidden, isAttended, readInput } from '../terminal/terminal.ts';
import { timeText } from '../terminal/views.ts';
import { newAccountText } from './account-texts.ts';
import { withNode, type Bind, type Context } from './command.ts';

export function addAccount(program: Command, bind: Bind): void {
  const account = program.command('account').description('your account: its log, key, address and devices');
  bind(account.command('show').description('the account log in words'), (context) =>
    withNode(context, async (node) => show(context, await node.call('account.log', {}))),
  );
  addRotateKey(account, bind);
  bind(
    account
      .command('phrase')
      .description(
        'enter the new phrase that another device has made, read from the terminal or standard input',
      ),
    async (context) => {
      const phrase = await readPhrase(context);
      await withNode(context, async (node) =>
        show(context, await node.call('account.enterPhrase', { phrase })),
      );
    },
  );
  addMove(account, bind);
  const device = account.command('device').description('the devices of the account');
  bind(device.command('list').description('all of them, revoked ones too'), (context) =>
    withNode(context, async (node) => {
      const { devices } = await node.call('account.log', {});
      for (const one of devices) context.output.print(one, () => deviceLine(one));
    }),
  );
  bind(
    device
      .command('revoke')
      .description('put a device out of the account')
      .argument('<device>', 'name, or the beginning of its key'),
    (context, [name = '']) =>
      withNode(context, async (node) => {
        show(context, await node.call('account.revokeDevice', { device: name }));
        context.output.say(
          `Contacts are told, and seal nothing to it any more. Who has it still has the account's key: if it is lost, go on with ${context.typed('account rotate-key')}`,
        );
      }),
  );
}

function addRotateKey(parent: Command, bind: Bind): void {
  const command = parent
    .command('rotate-key')
    .description(
      'a new account key from a new recovery phrase, shown this once; the old words are then worth nothing',
    );
  bind(command, (context) =>
    withNode(context, async (node) => {
      const { address, userId, phrase, fingerprint } = await node.call('account.rotateKey', {});
      const account = { address, userId, phrase, fingerprint };
      context.output.print(account, () =>
        [
          newAccountText(account, false),
          'Contacts follow by themselves, and are told to compare the safety number again.',
          `On your other devices: ${context.typed('account phrase')}`,
        ].join('\n'),
      );
    }),
  );
}

function addMove(parent: Command, bind: Bind): void {
  const command = parent
    .command('move')
    .description('take another address; contacts are told and follow')
    .argument('<address>', 'name@domain');
  bind(command, (context, [address = '']) =>
    withNode(context, async (node) => {
      const moved = await node.call('account.move', { address });
      context.output.print(moved, () =>
        [
          `You are ${inertLine(moved.address)} from now on. Contacts follow; nobody is found under the old address once its claim has expired, in two days at most.`,
          'Your recovery phrase stays the same; recover with the new address and a directory node, or with the old address.',
        ].join('\n'),
      );
    }),
  );
}

/** The words are a secret: they come from the terminal or standard input, never from the arguments. */
export async function readPhrase(context: Context): Promise<string> {
  const { terminal } = context;
  const given = isAttended(terminal)
    ? await askHidden(terminal, 'Recovery phrase (not shown): ')
    : await readInput(terminal, 1000);
  const phrase = given.trim().split(/\s+/).join(' ');
  if (phrase === '')
    throw new UsageError('The recovery phrase is read from standard input, and there was none.');
  return phrase;
}

function show(context: Context, log: AccountLog): void {
  context.output.print(log, () => logText(log));
}

function logText(log: AccountLog): string {
  const { address, fingerprint, formerAddresses, head, entries, devices, hasKey } = log;
  return [
    `${inertLine(address)}${formerAddresses.length > 0 ? `, before that ${formerAddresses.map(inertLine).join(', ')}` : ''}`,
    `fingerprint   ${fingerprint}`,
    `newest entry  ${head.sequence}, ${head.hash.slice(0, 16)}…`,
    ...(hasKey
      ? []
      : [
          'This device does not have the present words of the account: it cannot change the log (account phrase).',
        ]),
    'devices',
    ...devices.map((device) => `  ${deviceLine(device)}`),
    'log',
    ...entries.map(
      ({ sequence, time, text }) =>
        `  ${String(sequence).padStart(3)}  ${time === 0 ? '                ' : timeText(time)}  ${inertLine(text)}`,
    ),
  ].join('\n');
}

function deviceLine({ name, key, own, state, expires }: Device): string {
  const until =
    expires === undefined ? '' : `, ${state === 'live' ? 'expires' : 'expired'} ${timeText(expires)}`;
  return `${inertLine(name)}  ${key.slice(0, 16)}  ${state}${until}${own ? ' (this device)' : ''}`;
}
