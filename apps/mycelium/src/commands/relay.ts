/** `mycelium relay list|add|remove`: the relays that keep a person's mail. `relay backup DIR`: for the operator of one. */
import path from 'node:path';
import type { Command } from 'commander';
import { FailedError } from '../failures.ts';
import { inertLine } from '../terminal/inert.ts';
import { withNode, type Bind } from './command.ts';
import { relayLines } from './status.ts';

export function addRelay(program: Command, bind: Bind): void {
  const relay = program.command('relay').description('relays that keep your mail; for operators: backup');
  bind(
    relay.command('list').description('your relays, how they do, and those that could take their place'),
    (context) =>
      withNode(context, async (node) => {
        const { relays } = await node.call('node.status', {});
        for (const one of relays) context.output.print(one, () => relayLines([one]).join('\n'));
      }),
  );
  const add = relay.command('add').description('name one more relay for your mail').argument('<addr>');
  bind(add, (context, [address = '']) =>
    withNode(context, async (node) => {
      const { relays } = await node.call('node.status', {});
      const named = relays.filter((one) => one.named).map((one) => one.address);
      await node.call('account.relays', { relays: [...named.filter((one) => one !== address), address] });
      context.output.print(
        { address },
        () => `Your mail is kept at ${inertLine(address)} too, where there is room among three.`,
      );
    }),
  );
  const remove = relay
    .command('remove')
    .description('a relay that shall not keep your mail any more')
    .argument('<addr>');
  bind(remove, (context, [address = '']) =>
    withNode(context, async (node) => {
      const { relays } = await node.call('node.status', {});
      const found = relays.find((one) => one.address === address || keyOf(one.address) === address);
      if (found === undefined) {
        throw new FailedError(
          'unknown-relay',
          `${inertLine(address)} is none of your relays: "mycelium relay list" shows them.`,
        );
      }
      const named = relays.filter((one) => one.named).map((one) => one.address);
      // What was named once and is not any more is not chosen by itself either.
      if (!found.named) await node.call('account.relays', { relays: [...named, found.address] });
      await node.call('account.relays', { relays: named.filter((one) => one !== found.address) });
      context.output.print(
        { address },
        () =>
          `${inertLine(address)} keeps your mail no longer. What waits there is kept until it has been read.`,
      );
    }),
  );
  addBackup(relay, bind);
}

function keyOf(address: string): string {
  return address.split('@')[0] ?? address;
}

function addBackup(relay: Command, bind: Bind): void {
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
