/**
 * Many clients behind one mail agent, as the devices of many people would be behind one connection: each client declares
 * its queues and hears of no others. What strangers would need (cards, intake) is not kept.
 */
import { routeKey, type Route } from '@mycelium/protocol';
import type { FollowedQueue, MailAgent, MailHandler, OwnedQueue } from '@mycelium/runtime';

export class Household {
  readonly #agent: MailAgent;
  readonly #handlers = new Map<string, MailHandler>();

  constructor(agent: MailAgent) {
    this.#agent = agent;
    agent.start({
      framesToSend: (route, ...rest) => this.#of(route)?.framesToSend(route, ...rest) ?? [],
      acknowledged: async (route, ...rest) => this.#of(route)?.acknowledged(route, ...rest),
      ahead: async (route, ...rest) => this.#of(route)?.ahead(route, ...rest),
      received: async (route, first, frames, from) =>
        this.#of(route)?.received(route, first, frames, from) ?? first + frames.length,
      lastTaken: (route) => this.#of(route)?.lastTaken(route),
      missing: async (route, first) => this.#of(route)?.missing(route, first) ?? first,
      intake: () => Promise.resolve(),
      // Alice's daemon refuses what it cannot store any more when it stops; it is sent again.
      refused: () => undefined,
      peersChanged: () => undefined,
    });
  }

  /** The agent of one client. */
  member(): MailAgent {
    return new Member(this.#agent, this.#handlers);
  }

  stop(): Promise<void> {
    return this.#agent.stop();
  }

  #of(route: Route): MailHandler | undefined {
    return this.#handlers.get(routeKey(route));
  }
}

class Member implements MailAgent {
  readonly #agent: MailAgent;
  readonly #handlers: Map<string, MailHandler>;
  readonly #routes = new Map<string, Route>();
  #handler: MailHandler | undefined;

  constructor(agent: MailAgent, handlers: Map<string, MailHandler>) {
    this.#agent = agent;
    this.#handlers = handlers;
  }

  start(handler: MailHandler): void {
    this.#handler = handler;
  }

  lookUp(...asked: Parameters<MailAgent['lookUp']>): ReturnType<MailAgent['lookUp']> {
    return this.#agent.lookUp(...asked);
  }

  publish(...asked: Parameters<MailAgent['publish']>): ReturnType<MailAgent['publish']> {
    return this.#agent.publish(...asked);
  }

  accept(): void {}

  own(queue: OwnedQueue): void {
    this.#declare(queue.route);
    this.#agent.own(queue);
  }

  wake(route: Route, next: number): void {
    this.#agent.wake(route, next);
  }

  follow(queue: FollowedQueue): void {
    this.#declare(queue.route);
    this.#agent.follow(queue);
  }

  keepIntake(): void {}

  leave(route: Route): void {
    this.#handlers.delete(routeKey(route));
    this.#routes.delete(routeKey(route));
    this.#agent.leave(route);
  }

  trim(route: Route, upTo: number): void {
    this.#agent.trim(route, upTo);
  }

  readOnce(...asked: Parameters<MailAgent['readOnce']>): ReturnType<MailAgent['readOnce']> {
    return this.#agent.readOnce(...asked);
  }

  submit(...asked: Parameters<MailAgent['submit']>): ReturnType<MailAgent['submit']> {
    return this.#agent.submit(...asked);
  }

  submitWithToken(
    ...asked: Parameters<MailAgent['submitWithToken']>
  ): ReturnType<MailAgent['submitWithToken']> {
    return this.#agent.submitWithToken(...asked);
  }

  meet(...asked: Parameters<MailAgent['meet']>): ReturnType<MailAgent['meet']> {
    return this.#agent.meet(...asked);
  }

  peers(): [] {
    return [];
  }

  async stop(): Promise<void> {
    for (const route of this.#routes.values()) this.leave(route);
    this.#handler = undefined;
  }

  #declare(route: Route): void {
    if (this.#handler === undefined) return;
    this.#handlers.set(routeKey(route), this.#handler);
    this.#routes.set(routeKey(route), route);
  }
}
