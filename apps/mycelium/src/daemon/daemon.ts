/** The daemon as the commands know it. */
import { dataFiles } from '../data-folder.ts';
import type { Daemon } from '../commands/command.ts';
import { Operator } from '../relay/operator.ts';
import { version } from '../version.ts';
import { anonymousError, createLog, logLevel, type Log } from './log.ts';
import { startNode } from './node.ts';
import { custodyOf } from './store-key.ts';

export const daemon: Daemon = {
  start: (wish) => {
    const operator = new Operator(wish.config);
    const usual =
      wish.offline === true ? 'warn' : logLevel(process.env['MYCELIUM_LOG'], process.stderr.isTTY);
    const { format } = operator.current().log;
    const log = createLog(
      { format, least: () => operator.current().log.level ?? usual },
      (line) => void process.stderr.write(line),
    );
    surviveSurprises(log);
    return startNode(wish, {
      log,
      operator,
      version,
      // A relay or directory serves nobody in particular, and never loads it.
      createClient: async (surroundings) => (await import('./client-parts.ts')).clientOf(surroundings),
    });
  },
  custody: (data) => custodyOf(dataFiles(data).storeKey),
};

let surviving = false;

/** A promise that nobody waited for takes nothing down; after an error outside of any promise nothing is certain any more. */
function surviveSurprises(log: Log): void {
  if (surviving) return;
  surviving = true;
  process.on('unhandledRejection', (error) => log.error('node', `unexpected: ${anonymousError(error)}`));
  process.on('uncaughtException', (error) => {
    log.error(
      'node',
      `unexpected, so this node stops; what was acknowledged is on disk: ${anonymousError(error)}`,
    );
    process.exit(1);
  });
}
