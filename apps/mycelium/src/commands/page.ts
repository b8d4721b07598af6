/** `mycelium page`: the page in a browser of this machine, and the browsers that may use it. */
import type { Command } from 'commander';
import { inertLine } from '../terminal/inert.ts';
import { timeText } from '../terminal/views.ts';
import { withNode, type Bind } from './command.ts';

export function addPage(program: Command, bind: Bind): void {
  const page = program
    .command('page')
    .description('the page in your browser; alone: where it is, and a code for it');
  bind(page, (context) =>
    withNode(context, async (node) => {
      const access = await node.call('page.open', {});
      context.output.print(access, () =>
        [
          `Open ${access.url} in a browser on this machine.`,
          `It asks once for this code: ${access.code} (good until ${timeText(access.expires)})`,
        ].join('\n'),
      );
    }),
  );
  bind(page.command('browsers').description('browsers that were given a code'), (context) =>
    withNode(context, async (node) => {
      const { browsers } = await node.call('page.browsers', {});
      for (const browser of browsers) {
        const { id, name, since } = browser;
        context.output.print(browser, () => `${id}  ${inertLine(name)}, since ${timeText(since)}`);
      }
    }),
  );
  const forget = page
    .command('forget')
    .description('a browser that may not use it any more')
    .argument('<id>', 'as "page browsers" shows it');
  bind(forget, (context, [id = '']) =>
    withNode(context, async (node) => {
      await node.call('page.forget', { id });
      context.output.print({ id }, () => 'That browser is forgotten. The page in it asks for a code now.');
    }),
  );
  bind(page.command('off').description('serve the page no more'), (context) =>
    withNode(context, async (node) => {
      await node.call('page.off', {});
      context.output.print({}, () => 'The page is off. "mycelium page" serves it again.');
    }),
  );
}
