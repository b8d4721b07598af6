/**
 * A mail agent for clients of one process: what an owner seals is handed to whoever follows, at once and in order, in
 * batches as large as a link's window. No links and no relays, so that what is left is the clients' own work.
 */
import {
  decodeIntake,
  encodeIntake,
  requestIdBytes,
  routeKey,
  unwrap,
  type PeerAddress,
  type Route,
} from '@mycelium/protocol';
import type {
  FollowedQueue,
  IntakeQueue,
  MailAgent,
  MailHandler,
  OwnedQueue,
  TokenSubmission,
} from '@mycelium/runtime';

const framesAtOnce = 256;

interface Reader {
  readonly handler: MailHandler;
  from: number;
}

class Queue {
  readonly route: Route;
  readonly #relay: PeerAddress;
  #first = 0;
  #frames: Uint8Array[] = [];
  #owner: MailHandler | undefined;
  #reader: Reader | undefined;
  #moving = false;
  #again = false;

  constructor(route: Route, relay: PeerAddress) {
    this.route = route;
    this.#relay = relay;
  }

  get next(): number {
    return this.#first + this.#frames.length;
  }

  own(handler: MailHandler, base: number): void {
    this.#owner = handler;
    if (this.#frames.length === 0) this.#first = Math.max(this.#first, base);
    this.move();
  }

  follow(handler: MailHandler, from: number): void {
    this.#reader = { handler, from };
    this.move();
  }

  leave(handler: MailHandler | undefined): void {
    if (this.#owner === handler) this.#owner = undefined;
    if (this.#reader?.handler === handler) this.#reader = undefined;
  }

  trim(upTo: number): void {
    const gone = Math.max(0, Math.min(this.#frames.length, upTo - this.#first));
    this.#frames = this.#frames.slice(gone);
    this.#first += gone;
  }

  read(): { readonly kind: 'read'; readonly first: number; readonly frames: readonly Uint8Array[] } {
    return { kind: 'read', first: this.#first, frames: this.#frames };
  }

  /** Until nothing moves. */
  move(): void {
    this.#again = true;
    if (!this.#moving) void this.#moveOn();
  }

  async #moveOn(): Promise<void> {
    this.#moving = true;
    while (this.#again) {
      this.#again = false;
      await Promise.resolve();
      await Promise.all([this.#take(), this.#give()]);
    }
    this.#moving = false;
  }

  async #take(): Promise<void> {
    const owner = this.#owner;
    const frames = owner?.framesToSend(this.route, this.next, framesAtOnce) ?? [];
    if (owner === undefined || frames.length === 0) return;
    this.#frames.push(...frames);
    this.#again = true;
    // A client that is stopping hears no more.
    owner.acknowledged(this.route, this.#relay, this.next).catch(() => undefined);
  }

  async #give(): Promise<void> {
    const reader = this.#reader;
    if (reader === undefined || reader.from >= this.next) return;
    const from = Math.max(reader.from, this.#first);
    const frames = this.#frames.slice(from - this.#first, from - this.#first + framesAtOnce);
    reader.from = await reader.handler.received(this.route, from, frames, this.#relay).catch(() => from);
    if (reader.from > from) this.#again = true;
  }
}

export class Post {
  readonly relay: PeerAddress;
  readonly #queues = new Map<string, Queue>();
  readonly #intakes = new Map<string, MailHandler>();

  constructor(relay: PeerAddress) {
    this.relay = relay;
  }

  queue(route: Route): Queue {
    const key = routeKey(route);
    const queue = this.#queues.get(key) ?? new Queue(route, this.relay);
    this.#queues.set(key, queue);
    return queue;
  }

  keepIntake(route: Route, handler: MailHandler): void {
    this.#intakes.set(routeKey(route), handler);
  }

  async submit(frame: Uint8Array): ReturnType<MailAgent['submit']> {
    const { route } = unwrap(decodeIntake(frame));
    const handler = this.#intakes.get(routeKey(route));
    if (handler === undefined) return { kind: 'unreachable' };
    await handler.intake(route as Route, 0, frame);
    return { kind: 'stored', expiresMs: Number.MAX_SAFE_INTEGER };
  }

  agent(): MailAgent {
    return new PostAgent(this);
  }
}

class PostAgent implements MailAgent {
  readonly #post: Post;
  /** Queues that this client has to do with. */
  readonly #queues = new Set<Queue>();
  #handler: MailHandler | undefined;

  constructor(post: Post) {
    this.#post = post;
  }

  #queue(route: Route): Queue {
    const queue = this.#post.queue(route);
    this.#queues.add(queue);
    return queue;
  }

  start(handler: MailHandler): void {
    this.#handler = handler;
  }

  async lookUp(): ReturnType<MailAgent['lookUp']> {
    return [];
  }

  async publish(): ReturnType<MailAgent['publish']> {
    return [];
  }

  accept(): void {}

  own(queue: OwnedQueue): void {
    if (this.#handler !== undefined) this.#queue(queue.route).own(this.#handler, queue.base);
  }

  wake(route: Route): void {
    this.#post.queue(route).move();
  }

  follow(queue: FollowedQueue): void {
    if (this.#handler !== undefined) this.#queue(queue.route).follow(this.#handler, queue.from);
  }

  keepIntake(queue: IntakeQueue): void {
    if (this.#handler !== undefined) this.#post.keepIntake(queue.route, this.#handler);
  }

  leave(route: Route): void {
    this.#post.queue(route).leave(this.#handler);
  }

  trim(route: Route, upTo: number): void {
    this.#post.queue(route).trim(upTo);
  }

  readOnce(queue: { readonly route: Route }): ReturnType<MailAgent['readOnce']> {
    return Promise.resolve(this.#post.queue(queue.route).read());
  }

  submit(frame: Uint8Array): ReturnType<MailAgent['submit']> {
    return this.#post.submit(frame);
  }

  /** Every token is good here. What comes is a frame like the others, whose stamp nobody looks at. */
  submitWithToken({ route, timeMs, sealed }: TokenSubmission): ReturnType<MailAgent['submitWithToken']> {
    const requestId = new Uint8Array(requestIdBytes);
    return this.submit(encodeIntake({ route, requestId, stampTimeMs: timeMs, stampNonce: 0n, sealed }));
  }

  meet(): ReturnType<MailAgent['meet']> {
    return Promise.resolve(undefined);
  }

  peers(): [] {
    return [];
  }

  async stop(): Promise<void> {
    for (const queue of this.#queues) queue.leave(this.#handler);
    this.#handler = undefined;
  }
}
