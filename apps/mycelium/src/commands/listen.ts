/** `mycelium listen [--since ID]`: events as they come, until interrupted. */
import type { Command } from 'commander';
import { FailedError } from '../failures.ts';
import { eventLine } from '../terminal/views.ts';
import { withNode, type Bind } from './command.ts';
import { parseWhole } from './durations.ts';
import { untilInterrupted } from './interrupt.ts';

export function addListen(program: Command, bind: Bind): void {
  const command = program
    .command('listen')
    .description('print events as they come')
    .option(
      '--since <id>',
      'begin after this event id (0: from the beginning)',
      parseWhole(0, Number.MAX_SAFE_INTEGER),
    );
  bind<{ readonly since?: number }>(command, (context, _, { since }) =>
    withNode(context, async (node) => {
      node.onEvent((event) => context.output.print(event, () => eventLine(event)));
      await node.call('events.subscribe', { since });
      const interrupted = untilInterrupted();
      const reason = await Promise.race([node.ended, interrupted.happened]);
      interrupted.forget();
      if (reason !== undefined) throw new FailedError('node-stopped', `Nothing more comes: ${reason}.`);
    }),
  );
}
