/** Appends of one connection of a relay: held to the bounds, stored, told to who watches, answered. */
import type { MailErrorName, ServerAppend, ServerAppendOutcome, ServerInput } from '@mycelium/protocol';
import { routeKey, tokenIdOf } from '@mycelium/protocol';
import type { ServedConnection } from '../mail/serving.ts';
import type { Clock } from '../ports/clock.ts';
import type { AppendOutcome, QueueStore } from '../ports/queue-store.ts';
import type { IntakeGuard } from './intake-guard.ts';
import type { RelayBounds } from './relay-bounds.ts';
import type { RelayMeter, RelayOutcome } from './relay-meter.ts';
import type { RelayPolicy } from './relay-policy.ts';
import type { TokenIntake } from './token-intake.ts';
import type { Watchers } from './watchers.ts';

export interface SessionAppendsWish {
  readonly connection: ServedConnection;
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly watchers: Watchers;
  readonly intake: IntakeGuard;
  readonly tokens: TokenIntake;
  readonly relayBounds: RelayBounds;
  readonly policy: () => RelayPolicy;
  readonly meter: RelayMeter;
}

/** The store failed: tried again no earlier than this. */
const appendRetryMs = 1000;

/** A stranger's frame whose stamp is to be looked at. */
type LookUp = Pick<Extract<ServerInput, { readonly kind: 'difficulty' }>, 'intake' | 'frame'>;

export class SessionAppends {
  readonly #wish: SessionAppendsWish;

  constructor(wish: SessionAppendsWish) {
    this.#wish = wish;
  }

  async append(appends: readonly ServerAppend[]): Promise<void> {
    const intake = appends.filter(({ index }) => index === undefined);
    const mail = intake.length === 0 ? appends : appends.filter(({ index }) => index !== undefined);
    await Promise.all([
      ...this.#calls(mail).map((call) => this.#appendMail(call)),
      ...intake.map((append) => this.#appendIntake(append)),
    ]);
  }

  /** A queue that waits for its server must not keep back the answers of others, nor those of its own that follow in their order. */
  #calls(appends: readonly ServerAppend[]): readonly (readonly ServerAppend[])[] {
    if (appends.length === 0) return [];
    if (this.#wish.store.queuesApart !== true) return [appends];
    return [...Map.groupBy(appends, ({ route }) => routeKey(route)).values()];
  }

  /** What a stamp must be worth. Too many of them are refused before anybody looks. */
  async lookUp({ intake, frame }: LookUp): Promise<void> {
    if (intake.tokenId !== undefined) return this.#lookAtToken({ intake, frame });
    const { clock, connection, policy, relayBounds, store } = this.#wish;
    const waitMs = relayBounds.intake(connection);
    const refuse = (name: MailErrorName, retryAfterMs: number): void =>
      this.#refuse('intake', { intake, frame }, name, retryAfterMs);
    if (waitMs > 0) return refuse('rate', Math.ceil(waitMs));
    const state = await store.state(intake.route).catch(() => 'failed' as const);
    if (state === 'failed') return refuse('failed', appendRetryMs);
    const asked = state?.intakeDifficulty;
    const difficulty = asked === undefined ? undefined : Math.max(asked, policy().stampBitsMin);
    connection.give({ kind: 'difficulty', intake, frame, difficulty, nowMs: clock.nowMs() });
  }

  async #lookAtToken(lookUp: LookUp): Promise<void> {
    const { connection, relayBounds, tokens } = this.#wish;
    const { route } = lookUp.intake;
    const waitMs = relayBounds.token(connection, tokens.isAtHand(route));
    if (waitMs > 0) return this.#refuse('token', lookUp, 'rate', Math.ceil(waitMs));
    const found = await tokens.look(route, lookUp.frame);
    if (found === 'good') return connection.give({ kind: 'token-holds', ...lookUp });
    return this.#refuse('token', lookUp, found, found === 'failed' ? appendRetryMs : 0);
  }

  #refuse(
    kind: 'intake' | 'token',
    { intake, frame }: LookUp,
    name: MailErrorName,
    retryAfterMs: number,
  ): void {
    this.#wish.meter.appended(kind, name, 1, frame.length);
    this.#wish.connection.give({ kind: 'intake-refused', intake, frame, name, retryAfterMs });
  }

  async #appendMail(appends: readonly ServerAppend[]): Promise<void> {
    const { connection, relayBounds } = this.#wish;
    const waits = relayBounds.appends(connection, appends);
    const admitted = appends.filter((_, at) => waits[at] === 0);
    // At once, and not after a look at what may go: so that appends take effect in their order.
    const outcomes = (await this.#store(admitted)).values();
    const results = appends.map((append, at) => {
      const retryAfterMs = Math.ceil(waits[at] ?? 0);
      const outcome =
        retryAfterMs === 0
          ? answerFor(outcomes.next().value)
          : ({ kind: 'refused', name: 'rate', retryAfterMs } as const);
      return { append, outcome };
    });
    this.#measure('mail', results);
    connection.give({ kind: 'appended', results });
  }

  async #appendIntake(append: ServerAppend): Promise<void> {
    const { connection, intake, tokens } = this.#wish;
    const store = async (appends: readonly ServerAppend[]): Promise<readonly ServerAppendOutcome[]> =>
      (await this.#store(appends)).map(answerFor);
    const storeOne = async (): Promise<ServerAppendOutcome> => answerFor((await this.#store([append]))[0]);
    const isStamped = tokenIdOf(append.frame) === undefined;
    const outcome = isStamped
      ? await intake.append(append.frame, append.route, storeOne)
      : await tokens.append(append, store);
    this.#measure(isStamped ? 'intake' : 'token', [{ append, outcome }]);
    connection.give({ kind: 'appended', results: [{ append, outcome }] });
  }

  /** Stores and tells who watches. */
  async #store(appends: readonly ServerAppend[]): Promise<readonly AppendOutcome[]> {
    if (appends.length === 0) return [];
    const { clock, meter, store, watchers } = this.#wish;
    const askedMs = clock.monotonicMs();
    const failed = { kind: 'refused', reason: 'failed' } as const;
    const outcomes = await store.append(appends).catch(() => appends.map(() => failed));
    meter.stored(clock.monotonicMs() - askedMs);
    watchers.grown(grownQueues(appends, outcomes));
    return outcomes;
  }

  #measure(
    kind: 'mail' | 'intake' | 'token',
    results: readonly { readonly append: ServerAppend; readonly outcome: ServerAppendOutcome }[],
  ): void {
    const sums = new Map<RelayOutcome, { frames: number; bytes: number }>();
    for (const { append, outcome } of results) {
      const name = outcome.kind === 'stored' ? 'ok' : outcome.name;
      const sum = sums.get(name) ?? { frames: 0, bytes: 0 };
      sum.frames += 1;
      sum.bytes += append.frame.length;
      sums.set(name, sum);
    }
    for (const [name, { frames, bytes }] of sums) this.#wish.meter.appended(kind, name, frames, bytes);
  }
}

function answerFor(outcome: AppendOutcome | undefined): ServerAppendOutcome {
  if (outcome?.kind === 'stored') return outcome;
  const name = outcome?.reason ?? 'failed';
  return { kind: 'refused', name, retryAfterMs: name === 'failed' ? appendRetryMs : 0 };
}

interface GrownRun {
  readonly route: Uint8Array;
  next: number;
  readonly frames: Uint8Array[];
}

/** Stored frames by queue, in runs of consecutive indices. */
function grownQueues(
  appends: readonly ServerAppend[],
  outcomes: readonly AppendOutcome[],
): readonly GrownRun[] {
  const byRoute = new Map<string, GrownRun>();
  let run: GrownRun | undefined;
  for (const [at, { route, frame }] of appends.entries()) {
    const outcome = outcomes[at];
    if (outcome?.kind !== 'stored') continue;
    if (run?.route !== route) run = byRoute.get(routeKey(route));
    if (run !== undefined && run.next === outcome.index) {
      run.frames.push(frame);
      run.next += 1;
    } else {
      run = { route, next: outcome.index + 1, frames: [frame] };
      byRoute.set(routeKey(route), run);
    }
  }
  return [...byRoute.values()];
}
