/** `mycelium invite [list|revoke ID]` and `mycelium accept LINK`: contact without a directory. */
import { open, type FileHandle } from 'node:fs/promises';
import type { Command } from 'commander';
import { usesMax, type Invite, type Peer } from '@mycelium/api';
import { FailedError } from '../failures.ts';
import { hasColour } from '../terminal/colour.ts';
import { inertLine } from '../terminal/inert.ts';
import { qrLines, qrModules, qrSvg } from '../terminal/qr.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { contactText, inviteLine, timeText } from '../terminal/views.ts';
import { withNode, type Bind, type Context } from './command.ts';
import { parseDuration, parseWhole } from './durations.ts';

interface Options {
  readonly uses?: number;
  readonly expires?: number;
  readonly label?: string;
  /** Undefined: where it fits. */
  readonly qr?: boolean;
  readonly qrSvg?: string;
}

export function addInvite(program: Command, bind: Bind): void {
  const command = program
    .command('invite')
    .description('make a link that lets somebody become your contact')
    .option('--uses <n>', 'how many people may use it', parseWhole(1, usesMax))
    .option('--expires <time>', 'for how long: 90s, 30m, 12h, 7d, 2w', parseDuration)
    .option('--label <text>', 'a note for yourself')
    .option('--qr', 'show it as a QR code (at a terminal with room for it: without being asked)')
    .option('--no-qr', 'show no QR code')
    .option('--qr-svg <file>', 'write it as a QR code to a new file, as SVG');
  bind<Options>(command, make);
  bind(command.command('list').description('links that you have made, and who came by them'), list);
  bind(
    command
      .command('revoke')
      .description('take a link back: nobody else comes by it')
      .argument('<id>', 'its id, or the first digits of it'),
    (context, [id = '']) =>
      withNode(context, async (node) => {
        const invite = await node.call('invites.revoke', { id });
        context.output.print(invite, () => inviteLine(invite));
      }),
  );
}

async function make(context: Context, _: readonly string[], options: Options): Promise<void> {
  await withNode(context, async (node) => {
    const { uses, expires, label } = options;
    const svg = options.qrSvg === undefined ? undefined : await newFile(options.qrSvg);
    const invite = await node.call('invites.create', { uses, expiresMs: expires, label });
    await svg?.writeFile(qrSvg(invite.link));
    await svg?.close();
    context.output.print(invite, () => inviteText(context.terminal, invite, options.qr));
    const { account, peers } = await node.call('node.status', {});
    if (account !== undefined && allAway(account.relays, peers)) {
      context.output.note('None of your relays can be reached now. The link works once one of them can.');
    }
  });
}

function inviteText(terminal: Terminal, invite: Invite, qr: boolean | undefined): string {
  const end = invite.expires === undefined ? '' : `, until ${timeText(invite.expires)}`;
  const people =
    invite.usesLeft === undefined
      ? 'any number of people'
      : invite.usesLeft === 1
        ? 'one person'
        : `${invite.usesLeft} people`;
  const code = qr === false ? [] : qrFor(terminal, invite.link, qr === true);
  return [
    ...code,
    `${inertLine(invite.link)}\n`,
    `For ${people}${end}. They run: mycelium accept LINK`,
    `To take it back: mycelium invite revoke ${invite.id}`,
  ].join('\n');
}

/** Nothing where it would be cut off, unless it was asked for: then it may scroll, or goes where it is wide enough. */
function qrFor(terminal: Terminal, link: string, isWanted: boolean): readonly string[] {
  const lines = qrLines(link, hasColour(terminal));
  const { isTTY, columns = 0, rows = 0 } = terminal.output;
  const fits = columns >= qrModules(link).length && rows >= lines.length + linesBelow;
  return isWanted || (isTTY === true && fits) ? lines : [];
}

/** The link, what is said of it, and the prompt. */
const linesBelow = 8;

/** Before there is a link: a file that cannot be written wastes none. */
async function newFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    const why = code === 'EEXIST' ? 'there is such a file already' : `it cannot be written (${code})`;
    throw new FailedError('bad-file', `--qr-svg ${file}: ${why}. No link was made.`, { cause });
  }
}

async function list(context: Context): Promise<void> {
  await withNode(context, async (node) => {
    const { invites } = await node.call('invites.list', {});
    for (const invite of invites) context.output.print(invite, () => inviteLine(invite));
    if (invites.length === 0) context.output.say(`No links yet. Make one: ${context.typed('invite')}`);
  });
}

/** Each of them has been tried and is not connected. */
function allAway(relays: readonly string[], peers: readonly Peer[]): boolean {
  const away = peers.filter(({ direction, state }) => direction === 'out' && state !== 'connected');
  return relays.length > 0 && relays.every((relay) => away.some(({ address }) => address === relay));
}

export function addAccept(program: Command, bind: Bind): void {
  const command = program.command('accept').description('use somebody’s invite link').argument('<link>');
  bind(command, (context, [link = '']) =>
    withNode(context, async (node) => {
      const contact = await node.call('invites.accept', { link });
      context.output.print(contact, () => contactText(contact));
    }),
  );
}
