/**
 * The part of the serving side that this device does for itself: owners append directly to queues that we follow, and
 * strangers to our intake queue. *Stored* is answered once the handler has it on disk.
 */
import {
  routeKey,
  type PeerAddress,
  type Primitives,
  type Route,
  type ServerAppend,
  type ServerAppendOutcome,
  type ServerInput,
  type TransportKey,
} from '@mycelium/protocol';
import type { Clock } from '../ports/clock.ts';
import type { IntakeQueue, MailHandler } from './agent.ts';
import type { Inbox } from './combine-backends.ts';
import type { Follower } from './follower.ts';
import { OwnTokens } from './own-tokens.ts';
import type { BackendEffect, ServedConnection, ServingSession } from './serving.ts';

export interface InboxQueues {
  follower(route: string): Follower | undefined;
  intake(route: string): IntakeQueue | undefined;
  /** As the agent knows the peer; else its key alone. */
  addressOf(key: TransportKey): PeerAddress;
  readonly handler: MailHandler;
  readonly clock: Clock;
  readonly primitives: Pick<Primitives, 'hkdf' | 'hmacSha256' | 'equal'>;
  /** Our transport key: strangers make their tokens for it. */
  readonly ownKey: TransportKey;
}

export function createInbox(queues: InboxQueues): Inbox {
  const tokens = new OwnTokens(queues.primitives, queues.ownKey);
  return {
    follows: (route) => queues.follower(routeKey(route)) !== undefined,
    keepsIntake: (route) => queues.intake(routeKey(route)) !== undefined,
    begin: (connection) => new InboxSession(queues, tokens, connection),
  };
}

/** A device keeps what it took: it tells no expiry. */
const neverExpires = Number.MAX_SAFE_INTEGER;

class InboxSession implements ServingSession {
  readonly #queues: InboxQueues;
  readonly #tokens: OwnTokens;
  readonly #connection: ServedConnection;

  constructor(queues: InboxQueues, tokens: OwnTokens, connection: ServedConnection) {
    this.#queues = queues;
    this.#tokens = tokens;
    this.#connection = connection;
  }

  end(): void {
    // What is on its way to the handler gets there; the owner hears of it when it opens the queue again.
  }

  perform(effect: BackendEffect): void {
    const give = (input: ServerInput): void => this.#connection.give(input);
    switch (effect.kind) {
      case 'open': {
        const { route, base } = effect.open;
        const wanted = this.#queues.follower(routeKey(route))?.wanted;
        const last = this.#queues.handler.lastTaken(route as Route);
        if (wanted === undefined) {
          return give({
            kind: 'opened',
            open: effect.open,
            outcome: { kind: 'refused', name: 'not-authorized' },
          });
        }
        // Where the owner has less than we want, what is between has to be found elsewhere first.
        const next = Math.max(wanted, base);
        const lastTag = last?.next === next ? last.tag : undefined;
        return give({
          kind: 'opened',
          open: effect.open,
          outcome: { kind: 'ok', first: next, next, lastTag },
        });
      }
      case 'append':
        return this.#append(effect.appends);
      case 'look-up': {
        const { intake, frame } = effect;
        const queue = this.#queues.intake(routeKey(intake.route));
        const nowMs = this.#queues.clock.nowMs();
        if (queue === undefined || intake.tokenId === undefined)
          return give({ ...effect, kind: 'difficulty', difficulty: queue?.difficulty, nowMs });
        if (this.#tokens.use(queue, frame, nowMs)) return give({ ...effect, kind: 'token-holds' });
        return give({ kind: 'intake-refused', intake, frame, name: 'token', retryAfterMs: 0 });
      }
      case 'trim': {
        const next = this.#queues.follower(routeKey(effect.trim.route))?.wanted ?? 0;
        return give({ kind: 'trimmed', trim: effect.trim, outcome: { kind: 'ok', first: next, next } });
      }
      case 'watch':
      case 'unwatch':
      case 'read':
      case 'report':
      case 'seek':
      case 'publish':
        return undefined;
    }
  }

  /** Frames of one queue in a row go to the handler together. */
  #append(appends: readonly ServerAppend[]): void {
    for (let at = 0; at < appends.length;) {
      const first = appends[at];
      if (first === undefined) return;
      let end = at + 1;
      while (first.index !== undefined && continues(appends[end - 1], appends[end])) end += 1;
      void this.#take(first, appends.slice(at, end));
      at = end;
    }
  }

  async #take(first: ServerAppend, appends: readonly ServerAppend[]): Promise<void> {
    const outcome =
      first.index === undefined ? await this.#takeIntake(first) : await this.#takeMail(first, appends);
    this.#connection.give({
      kind: 'appended',
      results: appends.map((append) => ({
        append,
        outcome: outcome.kind === 'stored' ? { ...outcome, index: append.index ?? outcome.index } : outcome,
      })),
    });
  }

  async #takeMail(first: ServerAppend, appends: readonly ServerAppend[]): Promise<ServerAppendOutcome> {
    const follower = this.#queues.follower(routeKey(first.route));
    const index = first.index ?? 0;
    if (follower === undefined) return { kind: 'refused', name: 'not-authorized', retryAfterMs: 0 };
    // Views of the link's bytes, which the link may use again.
    const frames = appends.map(({ frame }) => frame.slice());
    const from = this.#queues.addressOf(this.#connection.peerKey);
    const outcome = await follower.takeDirect(index, frames, from);
    if (outcome.kind === 'stored') return { kind: 'stored', index, expiresMs: neverExpires };
    return { kind: 'refused', name: 'failed', retryAfterMs: outcome.retryAfterMs };
  }

  async #takeIntake(append: ServerAppend): Promise<ServerAppendOutcome> {
    try {
      await this.#queues.handler.intake(append.route.slice() as Route, 0, append.frame.slice());
      return { kind: 'stored', index: 0, expiresMs: neverExpires };
    } catch {
      return { kind: 'refused', name: 'failed', retryAfterMs: 1_000 };
    }
  }
}

function continues(one: ServerAppend | undefined, next: ServerAppend | undefined): boolean {
  if (one?.index === undefined || next?.index !== one.index + 1) return false;
  return one.route.every((byte, at) => byte === next.route[at]);
}
