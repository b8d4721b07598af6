/**
 * Intake frames with a token in the place of a stamp (spec/mail.md, "Tokens"). What the owner of an intake queue has said of its
 * tokens, and what has been used of them, is a ledger, kept as the last frame of a queue of its own in the relay's
 * store: it survives a restart while the owner is away, and every relay that serves the same store reads it. Nobody has
 * keys for the route of that queue.
 */
import {
  decodeTokenLedger,
  emptyTokenLedger,
  encodeTokenLedger,
  encodeUtf8,
  grantTokens,
  routeBytes,
  routeKey,
  saysTheSame,
  unuseToken,
  useToken,
  type IntakeGrant,
  type Primitives,
  type ServerAppend,
  type ServerAppendOutcome,
  type TokenLedger,
  type TokenRate,
} from '@mycelium/protocol';
import type { Clock } from '../ports/clock.ts';
import type { QueueStore } from '../ports/queue-store.ts';
import { IntakeGuard } from './intake-guard.ts';
import type { RelayMeter } from './relay-meter.ts';

export interface TokenIntakeWish {
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly primitives: Pick<Primitives, 'sha256' | 'hmacSha256' | 'equal'>;
  readonly meter?: Pick<RelayMeter, 'tokensTold'>;
}

/** A ledger as it was last read or written. */
interface KeptLedger {
  readonly route: Uint8Array;
  ledger: TokenLedger;
  /** The index that its next frame gets; zero: there is no queue of it yet. */
  next: number;
  writtenMs: number;
  trimmedTo: number;
}

const ledgerPrefix = encodeUtf8('mycelium token ledger 1\0');
/** Ledgers in memory: some 5 KB each. */
const keptMax = 4_096;
const underWayMax = 16;
/** What is said again unchanged is written down again when it is so old, so that the store does not forget it. */
const writtenEveryMs = 24 * 3_600_000;
/** Old versions of a ledger are forgotten when there are so many. */
const versionsMax = 8;

type Store = (appends: readonly ServerAppend[]) => Promise<readonly ServerAppendOutcome[]>;

const failed: ServerAppendOutcome = { kind: 'refused', name: 'failed', retryAfterMs: 1_000 };
const notGood: ServerAppendOutcome = { kind: 'refused', name: 'token', retryAfterMs: 0 };

export class TokenIntake {
  readonly #wish: TokenIntakeWish;
  readonly #guard: IntakeGuard;
  /** By the intake queue's route, the one asked for last at the end. */
  readonly #kept = new Map<string, Promise<KeptLedger>>();
  /** The intake queue's route by that of the ledger. */
  readonly #intakes = new Map<string, string>();

  constructor(wish: TokenIntakeWish, perQueue: () => TokenRate) {
    this.#wish = wish;
    this.#guard = new IntakeGuard({ ...wish, perQueue, underWayMax });
  }

  /** The ledger of this intake queue is in memory. */
  isAtHand(route: Uint8Array): boolean {
    return this.#kept.has(routeKey(route));
  }

  /** The owner's newest word. On disk when this resolves, unless the store has failed: it is said again with the next `open`. */
  async tell(route: Uint8Array, grants: readonly IntakeGrant[]): Promise<void> {
    const kept = await this.#ledgerOf(route);
    if (kept === undefined) return;
    const nowMs = this.#wish.clock.nowMs();
    const isFresh = nowMs - kept.writtenMs < writtenEveryMs;
    if (saysTheSame(kept.ledger, grants) && (isFresh || grants.length === 0)) return;
    const opened = await this.#wish.store.open(kept.route, 0, undefined).catch(() => 'failed' as const);
    if (typeof opened === 'string') return;
    kept.ledger = grantTokens(kept.ledger, grants);
    const [outcome] = await this.#wish.store.append([versionOf(kept, nowMs)]).catch(() => []);
    if (outcome?.kind !== 'stored') return this.#forget(kept); // what is on disk counts
    this.#written(kept, outcome.index, nowMs);
    this.#wish.meter?.tokensTold(grants.length);
  }

  /** Whether the frame's token is good now. Nothing is counted yet. */
  async look(route: Uint8Array, frame: Uint8Array): Promise<'good' | 'token' | 'failed'> {
    const kept = await this.#ledgerOf(route);
    if (kept === undefined) return 'failed';
    // Strangers who name queues without tokens push out nobody's.
    if (kept.next === 0) this.#forget(kept);
    const { clock, primitives } = this.#wish;
    return useToken(primitives, kept.ledger, frame, clock.nowMs()) === undefined ? 'token' : 'good';
  }

  /** Stores the frame and what is left of its token, together. A frame that comes again is answered as before. */
  append(append: ServerAppend, store: Store): Promise<ServerAppendOutcome> {
    const { frame, route } = append;
    return this.#guard.append(frame, route, async () => {
      const kept = await this.#ledgerOf(route);
      if (kept === undefined) return failed;
      const nowMs = this.#wish.clock.nowMs();
      const used = useToken(this.#wish.primitives, kept.ledger, frame, nowMs);
      if (used === undefined) return notGood;
      if (used === kept.ledger) return (await store([append]))[0] ?? failed;
      kept.ledger = used;
      const [outcome = failed, version] = await store([append, versionOf(kept, nowMs)]);
      if (outcome.kind === 'refused') kept.ledger = unuseToken(kept.ledger, frame);
      if (version?.kind === 'stored') this.#written(kept, version.index, nowMs);
      return outcome;
    });
  }

  /** Another relay on the same store has written a ledger: ours may be old. */
  grownElsewhere(route: Uint8Array, next: number): void {
    const intake = this.#intakes.get(routeKey(route));
    const keeping = intake === undefined ? undefined : this.#kept.get(intake);
    void keeping?.then((kept) => (next > kept.next ? this.#forget(kept) : undefined), ignored);
  }

  tidy(): void {
    this.#guard.tidy();
  }

  #written(kept: KeptLedger, index: number, nowMs: number): void {
    kept.next = Math.max(kept.next, index + 1);
    kept.writtenMs = nowMs;
    if (kept.next - kept.trimmedTo <= versionsMax) return;
    kept.trimmedTo = kept.next - 1;
    // Where it fails, the next one does it.
    void this.#wish.store.trim(kept.route, kept.trimmedTo).catch(ignored);
  }

  /** Undefined: the store cannot be asked. */
  async #ledgerOf(route: Uint8Array): Promise<KeptLedger | undefined> {
    const key = routeKey(route);
    const keeping = this.#kept.get(key) ?? this.#read(key, route.slice());
    this.#kept.delete(key);
    this.#kept.set(key, keeping);
    if (this.#kept.size > keptMax) this.#forgetOldest();
    return keeping.catch(() => {
      this.#kept.delete(key);
      return undefined;
    });
  }

  #forgetOldest(): void {
    for (const [key, oldest] of this.#kept) {
      this.#kept.delete(key);
      void oldest.then((kept) => this.#forget(kept), ignored);
      return;
    }
  }

  #forget(kept: KeptLedger): void {
    const ledgerKey = routeKey(kept.route);
    const intake = this.#intakes.get(ledgerKey);
    if (intake === undefined) return;
    this.#intakes.delete(ledgerKey);
    this.#kept.delete(intake);
    this.#wish.store.elsewhere?.ignore(kept.route);
  }

  async #read(intake: string, intakeRoute: Uint8Array): Promise<KeptLedger> {
    const { primitives, store } = this.#wish;
    const route = primitives.sha256(ledgerPrefix, intakeRoute).slice(0, routeBytes);
    const state = await store.state(route);
    const { first, next } = state ?? { first: 0, next: 0 };
    const frames = next > first ? await store.read(route, next - 1, 1, ledgerBytes) : [];
    if (!this.#intakes.has(routeKey(route))) store.elsewhere?.heed(route);
    this.#intakes.set(routeKey(route), intake);
    const newest = frames.at(-1);
    const read = newest === undefined ? undefined : decodeTokenLedger(newest.frame);
    const empty = { route, ledger: emptyTokenLedger, next, writtenMs: 0, trimmedTo: first };
    return read?.ok === true ? { ...empty, ...read.value } : empty;
  }
}

const ledgerBytes = 4096;
const ignored = (): void => undefined;

function versionOf({ ledger, route }: KeptLedger, nowMs: number): ServerAppend {
  return { route, index: undefined, frame: encodeTokenLedger(ledger, nowMs) };
}
