/** `mycelium history TO [--limit N]`: oldest first. */
import type { Command } from 'commander';
import { messageLine } from '../terminal/views.ts';
import { withNode, type Bind } from './command.ts';
import { parseWhole } from './durations.ts';

export function addHistory(program: Command, bind: Bind): void {
  const command = program
    .command('history')
    .description('messages of a conversation, oldest first')
    .argument('<to>', 'address, label or conversation id')
    .option('--limit <n>', 'the newest so many', parseWhole(1, 1_000_000), 100);
  bind<{ readonly limit: number }>(command, (context, [to = ''], { limit }) =>
    withNode(context, async (node) => {
      const pages = [];
      let left = limit;
      let before: string | undefined;
      while (left > 0) {
        const page = Math.min(left, 500);
        const { messages } = await node.call('messages.history', { to, limit: page, before });
        pages.unshift(...messages);
        before = messages[0]?.id;
        left = messages.length < page ? 0 : left - page;
      }
      for (const message of pages) context.output.print(message, () => messageLine(message));
      if (pages.length === 0) context.output.say('No messages yet.');
    }),
  );
}
