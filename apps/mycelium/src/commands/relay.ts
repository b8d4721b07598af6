/** `mycelium relay backup DIR`: what the operator of a relay does while it runs. */
import path from 'node:path';
import type { Command } from 'commander';
import { inertLine } from '../terminal/inert.ts';
import { withNode, type Bind } from './command.ts';

export function addRelay(program: Command, bind: Bind): void {
  const relay = program.command('relay').description('for the operator of a relay');
  const backup = relay
    .command('backup')
    .description('copy the mail of the relay that runs here into a new folder')
    .argument('<dir>');
  bind(backup, (context, [dir = '']) =>
    withNode(context, async (node) => {
      const folder = path.resolve(dir);
      const report = await node.call('relay.backup', { folder });
      context.output.print(report, () => {
        const mebibytes = (report.bytes / 2 ** 20).toFixed(1);
        return `${report.queues} queues with ${report.frames} frames, ${mebibytes} MiB, are in ${inertLine(folder)}.`;
      });
    }),
  );
}
