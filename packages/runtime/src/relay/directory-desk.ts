/**
 * A relay asks the directory for those who reach none of its nodes (spec/mail.md, "Directory"). It learns locators, and
 * from them nothing of whom they are; what it passes on are records that stand by themselves. A look-up is a walk over some
 * fifty nodes, so each connection, each source and all together may ask so often and no more.
 */
import {
  bytesEqual,
  bytesToHex,
  seekRecordsMax,
  verifyClaimRecord,
  type DirectoryFindings,
  type LookUp,
  type Primitives,
  type Publish,
  type ServerOutcome,
  type TokenRate,
} from '@mycelium/protocol';
import type { ServedConnection } from '../mail/serving.ts';
import type { Clock } from '../ports/clock.ts';
import type { DirectoryNetwork } from '../ports/directory.ts';
import { Allowances } from './allowances.ts';
import type { ClaimKeeper } from './claim-keeper.ts';

export interface DirectoryDeskWish {
  readonly directory: DirectoryNetwork;
  readonly keeper: ClaimKeeper;
  readonly clock: Clock;
  readonly primitives: Primitives;
}

type Answer = ServerOutcome<DirectoryFindings>;

/** A person who adds contacts asks for three days each, a few times. */
const ofConnection: TokenRate = { perSecond: 1, burst: 60 };
const ofSource: TokenRate = { perSecond: 4, burst: 240 };
const ofAll: TokenRate = { perSecond: 50, burst: 500 };
/** Walks at once: each has some nine questions under way. */
const walksMax = 32;
const busyMs = 1_000;
const nothing = { nodes: 0, accepted: 0, outcome: 'kept', records: [] } as const;

export class DirectoryDesk {
  readonly #wish: DirectoryDeskWish;
  readonly #connections: Allowances;
  readonly #sources: Allowances;
  readonly #all: Allowances;
  #walks = 0;

  constructor(wish: DirectoryDeskWish) {
    this.#wish = wish;
    this.#connections = new Allowances(wish.clock, () => ofConnection);
    this.#sources = new Allowances(wish.clock, () => ofSource);
    this.#all = new Allowances(wish.clock, () => ofAll);
  }

  lookUp(connection: ServedConnection, { locator }: LookUp): Promise<Answer> {
    return this.#walk(connection, async (directory) => {
      const records = await directory.lookUp(locator.slice());
      const sound = records.filter((record) => this.#isSound(record, locator)).slice(0, seekRecordsMax);
      return { ...nothing, nodes: directory.nodesKnown(), records: sound };
    });
  }

  /** Kept until it expires whatever nodes say of it now: they are asked again. */
  publish(connection: ServedConnection, { route, record, now }: Publish): Promise<Answer> {
    const kept = this.#wish.keeper.keep(record.slice(), bytesToHex(route));
    if (!kept.ok) return Promise.resolve({ kind: 'ok', ...nothing, outcome: kept.outcome });
    if (!now) {
      const nodes = this.#wish.directory.nodesKnown();
      return Promise.resolve({ kind: 'ok', ...nothing, nodes });
    }
    return this.#walk(connection, async (directory) => {
      const { accepted, outcome } = await this.#wish.keeper.publishNow(kept.record);
      return { ...nothing, nodes: directory.nodesKnown(), accepted, outcome };
    });
  }

  tidy(): void {
    for (const rates of [this.#connections, this.#sources, this.#all]) rates.tidy();
  }

  async #walk(
    connection: ServedConnection,
    work: (directory: DirectoryNetwork) => Promise<DirectoryFindings>,
  ): Promise<Answer> {
    const { directory } = this.#wish;
    const retryAfterMs = this.#walks >= walksMax ? busyMs : this.#waitMs(connection);
    if (retryAfterMs > 0) return { kind: 'refused', name: 'rate', retryAfterMs: Math.ceil(retryAfterMs) };
    this.#walks += 1;
    try {
      return { kind: 'ok', ...(await work(directory)) };
    } catch {
      return { kind: 'refused', name: 'failed' };
    } finally {
      this.#walks -= 1;
    }
  }

  #waitMs({ peerKey, source }: ServedConnection): number {
    const ownMs = this.#connections.take(bytesToHex(peerKey));
    if (ownMs > 0) return ownMs;
    const sourceMs = source === undefined ? 0 : this.#sources.take(source);
    return sourceMs > 0 ? sourceMs : this.#all.take('');
  }

  /** Nobody gets anything but claims for what was asked through us. */
  #isSound(bytes: Uint8Array, locator: Uint8Array): boolean {
    const record = verifyClaimRecord(this.#wish.primitives, bytes, this.#wish.clock.nowMs());
    return record.ok && bytesEqual(record.value.locator, locator);
  }
}
