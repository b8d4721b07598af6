/** `mycelium vouch`: stand behind a contact, take that back, and say how far the word of others counts. */
import { Option, type Command } from 'commander';
import type { Vouch, VouchDepth, Vouches } from '@mycelium/api';
import { UsageError } from '../failures.ts';
import { inertLine } from '../terminal/inert.ts';
import { timeText } from '../terminal/views.ts';
import { withNode, type Bind, type Context } from './command.ts';
import { parseDuration } from './durations.ts';

interface VouchOptions {
  readonly to?: readonly string[];
  readonly expires?: number;
  readonly revoke?: boolean;
  readonly depth?: string;
  readonly show?: string;
}

export function addVouch(program: Command, bind: Bind): void {
  const command = program
    .command('vouch')
    .description('vouch for a contact whom you verified; without an address: who vouches for whom')
    .argument('[address]')
    .option('--to <who...>', 'contacts who are told, or all; without it only the one that it is about')
    .option('--expires <time>', 'for how long: a year unless told; 12h, 7d, 26w', parseDuration)
    .option('--revoke', 'take it back from everybody who was told')
    .option(
      '--show <who>',
      'let strangers who look you up see that this contact vouches for you; nobody takes it away',
    )
    .addOption(
      new Option(
        '--depth <number>',
        'whose vouches count for you: 0 nobody’s, 1 those of contacts whom you verified, 2 also of whom those vouch for',
      ).choices(['0', '1', '2']),
    );
  bind<VouchOptions>(command, async (context, [address], options) => {
    if (options.depth !== undefined) return setDepth(context, address, options);
    if (options.show !== undefined) return showOne(context, address, options);
    if (address !== undefined)
      return options.revoke === true ? revoke(context, address, options) : give(context, address, options);
    if (options.revoke === true || options.to !== undefined || options.expires !== undefined)
      throw new UsageError('Name the contact that you vouch for: mycelium vouch ADDRESS.');
    await list(context);
  });
}

async function setDepth(context: Context, address: string | undefined, options: VouchOptions): Promise<void> {
  const alone = address === undefined && options.revoke !== true && options.to === undefined;
  if (!alone) throw new UsageError('--depth is for all contacts: it stands alone.');
  const depth = Number(options.depth) as VouchDepth;
  await withNode(context, async (node) => {
    await node.call('vouches.depth', { depth });
    context.output.print({ depth }, depthTexts[depth]);
  });
}

async function showOne(context: Context, address: string | undefined, options: VouchOptions): Promise<void> {
  const alone = address === undefined && options.revoke !== true && options.to === undefined;
  if (!alone) throw new UsageError('--show is about who vouches for you: it stands alone.');
  const from = options.show === 'nobody' ? undefined : options.show;
  await withNode(context, async (node) => {
    await node.call('vouches.show', { from });
    context.output.print({ shown: from ?? null }, () => shownText(from));
  });
}

function shownText(from: string | undefined): string {
  return from === undefined
    ? 'Who looks you up sees nobody’s vouch.'
    : `Who looks you up sees that ${inertLine(from)} vouches for you.`;
}

const depthTexts: Readonly<Record<VouchDepth, string>> = {
  0: 'Nobody’s vouches count for you.',
  1: 'Vouches of contacts whom you verified count for you.',
  2: 'Vouches of contacts whom you verified count for you, and of contacts whom those vouch for.',
};

async function give(context: Context, address: string, { to, expires }: VouchOptions): Promise<void> {
  const recipients = to?.includes('all') === true ? ('all' as const) : to;
  if (recipients === 'all' && to?.length !== 1)
    throw new UsageError('--to all: name no other contacts beside it.');
  await withNode(context, async (node) => {
    const { told } = await node.call('vouches.give', { address, to: recipients, lifeMs: expires });
    context.output.print(
      { address, told },
      () => `You vouch for ${inertLine(address)}. Told: ${names(told)}.`,
    );
  });
}

async function revoke(context: Context, address: string, { to, expires }: VouchOptions): Promise<void> {
  if (to !== undefined || expires !== undefined)
    throw new UsageError('--revoke goes to everybody who was told: it takes no --to and no --expires.');
  await withNode(context, async (node) => {
    const { told } = await node.call('vouches.revoke', { address });
    context.output.print(
      { address, told, revoked: true },
      () => `You no longer vouch for ${inertLine(address)}. Told: ${names(told)}.`,
    );
  });
}

async function list(context: Context): Promise<void> {
  await withNode(context, async (node) => {
    const vouches = await node.call('vouches.list', {});
    context.output.print(vouches, () => vouchesText(vouches));
  });
}

function vouchesText({ depth, shown, given, received }: Vouches): string {
  const none = '  nobody';
  return [
    'You vouch for:',
    ...(given.length === 0
      ? [none]
      : given.map((vouch) => `  ${inertLine(vouch.about)}, ${stateText(vouch)}; told: ${names(vouch.to)}`)),
    'For you vouch:',
    ...(received.length === 0
      ? [none]
      : received.map((vouch) => `  ${inertLine(vouch.from)}, ${stateText(vouch)}`)),
    shownText(shown),
    depthTexts[depth],
  ].join('\n');
}

function stateText({ state, issued, expires }: Vouch): string {
  const since = `since ${timeText(issued)}`;
  if (state === 'given') return `${since}, until ${timeText(expires)}`;
  return state === 'revoked'
    ? `taken back, ${timeText(issued)}`
    : `until ${timeText(expires)}, which has passed`;
}

function names(addresses: readonly string[]): string {
  return addresses.length === 0 ? 'nobody' : addresses.map(inertLine).join(', ');
}
