/**
 * Claim records that a relay publishes again for accounts whose queues it keeps, until they expire (spec/mail.md,
 * "Directory"): the owner may be away. A table of claims with small quotas; each record counts for the queue whose owner
 * brought it.
 */
import {
  bytesToHex,
  ClaimTable,
  keptClaimsMax,
  keptClaimsPerQueueMax,
  claimsPerLocatorMax,
  putOutcomeAt,
  putOutcomeNumber,
  type Primitives,
  type PutOutcomeName,
} from '@mycelium/protocol';
import type { Clock } from '../ports/clock.ts';
import type { DirectoryNetwork } from '../ports/directory.ts';

export interface ClaimKeeperWish {
  readonly primitives: Primitives;
  readonly clock: Clock;
  readonly directory: DirectoryNetwork;
}

export interface KeptRecord {
  readonly locator: Uint8Array;
  readonly bytes: Uint8Array;
}

export type KeepOutcome =
  | { readonly ok: true; readonly record: KeptRecord }
  | { readonly ok: false; readonly outcome: PutOutcomeName };

/** After the owner's own time, so that the owner's newer record has come before when the owner is there. */
const againAfterMs = 5 * 3_600_000;
const lookEveryMs = 600_000;
/** One at a time, with a pause: all of a relay's records at once would be a flood. */
const pauseMs = 100;

export class ClaimKeeper {
  readonly table: ClaimTable;
  readonly #wish: ClaimKeeperWish;
  /** By digest: when it was brought, or last published. */
  readonly #publishedMs = new Map<string, number>();
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(wish: ClaimKeeperWish) {
    this.#wish = wish;
    this.table = new ClaimTable(wish.primitives, {
      perLocator: claimsPerLocatorMax,
      perNetwork: keptClaimsPerQueueMax,
      total: keptClaimsMax,
    });
  }

  start(): void {
    this.#cancel = this.#wish.clock.after(lookEveryMs, () => void this.#publishDue());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** The same or an older record of a key says nothing new, and is no refusal of what is kept. */
  keep(bytes: Uint8Array, queue: string): KeepOutcome {
    const nowMs = this.#wish.clock.nowMs();
    const outcome = this.table.put(bytes, queue, nowMs);
    if (!outcome.ok) {
      const name = putOutcomeAt(putOutcomeNumber(outcome.refusal.code));
      return { ok: false, outcome: name ?? 'malformed' };
    }
    this.#publishedMs.set(bytesToHex(this.#wish.primitives.sha256(bytes)), nowMs);
    return { ok: true, record: { locator: bytes.slice(4, 36), bytes } };
  }

  async publishNow({
    locator,
    bytes,
  }: KeptRecord): Promise<{ readonly accepted: number; readonly outcome: PutOutcomeName }> {
    const { accepted, refused } = await this.#wish.directory.publish(locator, bytes);
    if (accepted > 0) {
      this.#publishedMs.set(bytesToHex(this.#wish.primitives.sha256(bytes)), this.#wish.clock.nowMs());
    }
    const [first] = refused;
    return { accepted, outcome: outcomeName(first) };
  }

  async #publishDue(): Promise<void> {
    const { clock, directory } = this.#wish;
    this.#forget();
    for (const record of this.#due()) {
      if (this.#stopped || directory.nodesKnown() === 0) break;
      await this.publishNow(record).catch(() => undefined);
      await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
    }
    if (!this.#stopped) this.start();
  }

  #due(): readonly KeptRecord[] {
    const nowMs = this.#wish.clock.nowMs();
    const due: KeptRecord[] = [];
    for (const { bytes } of this.table.entries(nowMs)) {
      const publishedMs = this.#publishedMs.get(bytesToHex(this.#wish.primitives.sha256(bytes)));
      // A clock that was set back must not keep anything from being published.
      const sinceMs = Math.abs(nowMs - (publishedMs ?? 0));
      if (sinceMs >= againAfterMs) due.push({ locator: bytes.slice(4, 36), bytes });
    }
    return due;
  }

  #forget(): void {
    const nowMs = this.#wish.clock.nowMs();
    this.table.expire(nowMs);
    const kept = new Set<string>();
    for (const { bytes } of this.table.entries(nowMs))
      kept.add(bytesToHex(this.#wish.primitives.sha256(bytes)));
    for (const digest of this.#publishedMs.keys()) if (!kept.has(digest)) this.#publishedMs.delete(digest);
  }
}

function outcomeName(refused: string | undefined): PutOutcomeName {
  if (refused === undefined) return 'kept';
  return putOutcomeAt(putOutcomeNumber(refused)) ?? 'malformed';
}
