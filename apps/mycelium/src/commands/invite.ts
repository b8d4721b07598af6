/** `mycelium invite` and `mycelium accept LINK`: contact without a directory. */
import type { Command } from 'commander';
import type { Peer } from '@mycelium/api';
import { inertLine } from '../terminal/inert.ts';
import { contactText, timeText } from '../terminal/views.ts';
import { withNode, type Bind } from './command.ts';
import { parseDuration, parseWhole } from './durations.ts';

interface Options {
  readonly uses?: number;
  readonly expires?: number;
  readonly label?: string;
}

export function addInvite(program: Command, bind: Bind): void {
  const command = program
    .command('invite')
    .description('make a link that lets somebody become your contact')
    .option('--uses <n>', 'how many people may use it', parseWhole(1, 100_000))
    .option('--expires <time>', 'for how long: 90s, 30m, 12h, 7d, 2w', parseDuration)
    .option('--label <text>', 'a note for yourself');
  bind<Options>(command, (context, _, { uses, expires, label }) =>
    withNode(context, async (node) => {
      const invite = await node.call('invites.create', { uses, expiresMs: expires, label });
      context.output.print(invite, () => {
        const end = invite.expires === undefined ? '' : `, until ${timeText(invite.expires)}`;
        const people =
          invite.usesLeft === undefined
            ? 'any number of people'
            : invite.usesLeft === 1
              ? 'one person'
              : `${invite.usesLeft} people`;
        return `${inertLine(invite.link)}\n\nFor ${people}${end}. They run: mycelium accept LINK`;
      });
      const { account, peers } = await node.call('node.status', {});
      if (account !== undefined && allAway(account.relays, peers)) {
        context.output.note('None of your relays can be reached now. The link works once one of them can.');
      }
    }),
  );
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
