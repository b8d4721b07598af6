/**
 * The operator's side of a relay: the configuration file that is in force, and what becomes of it when the file has changed.
 * A file with a mistake changes nothing.
 */
import { UsageError } from '../failures.ts';
import type { Log } from '../daemon/log.ts';
import { readRelayConfig, usualRelaySettings } from './config-file.ts';
import type { RelaySettings } from './settings.ts';

export class Operator {
  readonly #file: string | undefined;
  readonly #begun: RelaySettings;
  #current: RelaySettings;
  readonly #listeners = new Set<() => void>();

  /** @throws UsageError `config` */
  constructor(file: string | undefined) {
    this.#file = file;
    this.#begun = file === undefined ? usualRelaySettings : readRelayConfig(file);
    this.#current = this.#begun;
  }

  readonly current = (): RelaySettings => this.#current;

  /** Called after each reload that took effect. */
  onReload(listen: () => void): void {
    this.#listeners.add(listen);
  }

  /** Takes in the file as it is now, and says in the log what came of it. */
  reload(log: Log): void {
    if (this.#file === undefined) return;
    let next: RelaySettings;
    try {
      next = readRelayConfig(this.#file);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      log.error(
        'relay',
        `the configuration was not reloaded, and what held goes on: ${oneLine(error.message)}`,
      );
      return;
    }
    const waiting = needRestart(this.#begun, next);
    this.#current = { ...next, listen: this.#begun.listen, metrics: this.#begun.metrics };
    for (const listen of this.#listeners) listen();
    log.info('relay', 'the configuration was reloaded');
    if (waiting.length > 0) log.warn('relay', `these changes wait for a restart: ${waiting.join(', ')}`);
  }
}

function oneLine(message: string): string {
  return message.split('\n').join(' ');
}

/** What was decided when the process began: sockets, the store, the form of the log. */
function needRestart(begun: RelaySettings, next: RelaySettings): readonly string[] {
  const pairs: readonly (readonly [name: string, before: unknown, after: unknown])[] = [
    ['listen.addresses', begun.listen.addresses, next.listen.addresses],
    ['listen.websocket', begun.listen.websocket, next.listen.websocket],
    ['listen.certificate', begun.listen.certificate, next.listen.certificate],
    ['listen.key', begun.listen.key, next.listen.key],
    ['store.url', begun.store.url, next.store.url],
    ['store.durability', begun.store.durability, next.store.durability],
    ['metrics.port', begun.metrics.port, next.metrics.port],
    ['log.format', begun.log.format, next.log.format],
  ];
  return pairs
    .filter(([, before, after]) => JSON.stringify(before) !== JSON.stringify(after))
    .map(([name]) => name);
}
