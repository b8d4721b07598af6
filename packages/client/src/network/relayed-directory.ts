/**
 * The directory, through one's relays where no node of it answers this device (spec/mail.md, "Directory"): UDP is blocked,
 * or no node was named. Relays also get every record that is published, and publish it again while its owner is away.
 */
import type { Cancellation, DirectoryAnswer, DirectoryNetwork } from '@mycelium/runtime';
import { ownCardPointer, cardQueue } from '../account/card.ts';
import { storedRows } from '../loop/rows.ts';
import type { ClientPorts } from '../ports.ts';
import type { AccountRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { deadline } from './deadline.ts';

type Ports = Pick<ClientPorts, 'clock' | 'directory' | 'mail' | 'primitives' | 'store'>;
type Published = Awaited<ReturnType<DirectoryNetwork['publish']>>;

const relaysWithinMs = 15_000;

export class RelayedDirectory implements DirectoryNetwork {
  readonly #ports: Ports;
  /** Nodes that relays knew when they were asked last. */
  #relaysKnow = 0;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  nodesKnown(): number {
    const own = this.#ports.directory.nodesKnown();
    return own > 0 ? own : this.#relaysKnow;
  }

  async publish(locator: Uint8Array, record: Uint8Array): Promise<Published> {
    const { directory } = this.#ports;
    const own = await directory.publish(locator, record);
    const answers = await this.#giveToRelays(record, own.accepted === 0);
    if (own.accepted > 0) return own;
    const accepted = Math.max(0, ...answers.map((answer) => answer.accepted));
    const refused = answers.flatMap(({ outcome }) => (outcome === 'kept' ? [] : [outcome]));
    return { accepted, refused: [...own.refused, ...refused] };
  }

  async lookUp(locator: Uint8Array, signal?: Cancellation): Promise<readonly Uint8Array[]> {
    const { directory, mail } = this.#ports;
    const own = await directory.lookUp(locator, signal);
    const relays = this.#account?.relays ?? [];
    if (own.length > 0 || directory.nodesKnown() > 0 || relays.length === 0) return own;
    const answers = await this.#within((limit) => mail.lookUp(locator, relays, limit), signal);
    return different(answers.flatMap(({ records }) => records));
  }

  /** Those that are not there get it another time. */
  async #giveToRelays(record: Uint8Array, now: boolean): Promise<readonly DirectoryAnswer[]> {
    const { mail, primitives } = this.#ports;
    const account = this.#account;
    if (account === undefined || account.relays.length === 0) return [];
    const { route } = cardQueue(primitives, ownCardPointer(primitives, account));
    return this.#within((limit) => mail.publish({ route, record, now }, account.relays, limit));
  }

  async #within(
    ask: (limit: Cancellation) => Promise<readonly DirectoryAnswer[]>,
    signal?: Cancellation,
  ): Promise<readonly DirectoryAnswer[]> {
    const { cancellation, clear, abort } = deadline(this.#ports.clock, relaysWithinMs);
    signal?.addEventListener('abort', abort);
    try {
      const answers = await ask(cancellation);
      this.#relaysKnow = Math.max(0, ...answers.map(({ nodes }) => nodes));
      return answers;
    } finally {
      clear();
      signal?.removeEventListener('abort', abort);
    }
  }

  get #account(): AccountRow | undefined {
    return storedRows(this.#ports.store).get(tables.account, accountRowKey);
  }
}

function different(records: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...new Map(records.map((record) => [record.join(), record])).values()];
}
