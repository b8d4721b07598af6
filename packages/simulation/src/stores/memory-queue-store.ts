/**
 * A `QueueStore` in memory for tests: what every caller may rely on and no more. What `append` has not answered yet
 * is lost in a `crash`, as unsynced writes are.
 */
import { routeKey } from '@mycelium/protocol';
import type {
  Append,
  AppendOutcome,
  Clock,
  QueueState,
  QueueStore,
  QueueStoreLimits,
  StoredFrame,
} from '@mycelium/runtime';

interface MemoryQueue {
  readonly first: number;
  readonly next: number;
  readonly intakeDifficulty: number | undefined;
  readonly usedMs: number;
  readonly frames: readonly { readonly index: number; readonly frame: Uint8Array; readonly timeMs: number }[];
}

type Queues = ReadonlyMap<string, MemoryQueue>;

export interface MemoryQueueStore extends QueueStore {
  /** Ends this store as a killed process would: what waits is never answered. What was on disk is in the new one. */
  crash(): MemoryQueueStore;
  /** Writes fail with this until it is called without. */
  fail(reason?: 'store-full' | 'failed'): void;
}

export interface MemoryQueueStoreWish {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly limits: QueueStoreLimits;
}

export function createMemoryQueueStore(wish: MemoryQueueStoreWish): MemoryQueueStore {
  return new Store(wish, new Map());
}

class Store implements MemoryQueueStore {
  readonly #wish: MemoryQueueStoreWish;
  #queues: Queues;
  #failure: 'store-full' | 'failed' | undefined;
  #dead = false;

  constructor(wish: MemoryQueueStoreWish, queues: Queues) {
    this.#wish = wish;
    this.#queues = queues;
  }

  crash(): MemoryQueueStore {
    this.#dead = true;
    return new Store(this.#wish, this.#queues);
  }

  fail(reason?: 'store-full' | 'failed'): void {
    this.#failure = reason;
  }

  /** The sync: a turn later, unless the process has died. */
  async #synced(): Promise<void> {
    await Promise.resolve();
    if (this.#dead) await new Promise(() => undefined);
  }

  #set(key: string, queue: MemoryQueue): void {
    this.#queues = new Map(this.#queues).set(key, queue);
  }

  async open(
    route: Uint8Array,
    base: number,
    intakeDifficulty: number | undefined,
  ): Promise<QueueState | 'store-full' | 'failed'> {
    await this.#synced();
    const key = routeKey(route);
    const known = this.#queues.get(key);
    if (known === undefined && this.#queues.size >= this.#wish.limits.queuesMax) return 'store-full';
    const unchanged =
      known !== undefined && known.intakeDifficulty === intakeDifficulty && base <= known.next;
    if (!unchanged && this.#failure !== undefined) return this.#failure;
    const usedMs = this.#wish.clock.nowMs();
    const kept = known !== undefined && base <= known.next ? known : { first: base, next: base, frames: [] };
    this.#set(key, { ...kept, intakeDifficulty, usedMs });
    return { first: kept.first, next: kept.next, intakeDifficulty };
  }

  state(route: Uint8Array): Promise<QueueState | undefined> {
    const queue = this.#queues.get(routeKey(route));
    if (queue === undefined) return Promise.resolve(undefined);
    const { first, next, intakeDifficulty } = queue;
    return Promise.resolve({ first, next, intakeDifficulty });
  }

  async append(appends: readonly Append[]): Promise<readonly AppendOutcome[]> {
    await this.#synced();
    return appends.map((append) => this.#appendOne(append));
  }

  #appendOne({ route, frame, index }: Append): AppendOutcome {
    const { limits, clock } = this.#wish;
    const key = routeKey(route);
    const queue = this.#queues.get(key);
    if (queue === undefined) return { kind: 'refused', reason: 'no-queue' };
    if (index !== undefined && index !== queue.next) return { kind: 'refused', reason: 'out-of-order' };
    if (queue.next - queue.first >= limits.framesPerQueueMax)
      return { kind: 'refused', reason: 'queue-full' };
    if (this.#bytes() + frame.length > limits.bytesMax) return { kind: 'refused', reason: 'store-full' };
    if (this.#failure !== undefined) return { kind: 'refused', reason: this.#failure };
    const timeMs = clock.nowMs();
    const frames = [...queue.frames, { index: queue.next, frame: frame.slice(), timeMs }];
    this.#set(key, { ...queue, frames, next: queue.next + 1, usedMs: timeMs });
    return { kind: 'stored', index: queue.next, expiresMs: timeMs + limits.retentionMs };
  }

  #bytes(): number {
    let bytes = 0;
    for (const queue of this.#queues.values()) for (const { frame } of queue.frames) bytes += frame.length;
    return bytes;
  }

  async read(
    route: Uint8Array,
    from: number,
    framesMax: number,
    bytesMax: number,
  ): Promise<readonly StoredFrame[]> {
    const found: StoredFrame[] = [];
    let bytes = 0;
    for (const { index, frame } of this.#queues.get(routeKey(route))?.frames ?? []) {
      if (index < from) continue;
      if (found.length >= framesMax || (found.length > 0 && bytes + frame.length > bytesMax)) break;
      bytes += frame.length;
      found.push({ index, frame: frame.slice() });
    }
    return Promise.resolve(found);
  }

  async trim(route: Uint8Array, upTo: number): Promise<void> {
    await this.#synced();
    const key = routeKey(route);
    const queue = this.#queues.get(key);
    if (queue === undefined || upTo <= queue.first) return;
    if (this.#failure === 'failed') throw new Error('the trim could not be written');
    const first = Math.min(upTo, queue.next);
    this.#set(key, { ...queue, first, frames: queue.frames.filter(({ index }) => index >= first) });
  }

  async expire(): Promise<number> {
    await this.#synced();
    const endMs = this.#wish.clock.nowMs() - this.#wish.limits.retentionMs;
    let expired = 0;
    const queues = new Map<string, MemoryQueue>();
    for (const [key, queue] of this.#queues) {
      const frames = queue.frames.filter(({ timeMs }) => timeMs > endMs);
      expired += queue.frames.length - frames.length;
      if (frames.length === 0 && queue.usedMs <= endMs - this.#wish.limits.retentionMs) continue;
      const first = frames.length < queue.frames.length ? (frames[0]?.index ?? queue.next) : queue.first;
      queues.set(key, { ...queue, first, frames });
    }
    this.#queues = queues;
    return expired;
  }

  usage(): Promise<{ readonly queues: number; readonly frames: number; readonly bytes: number }> {
    let frames = 0;
    for (const queue of this.#queues.values()) frames += queue.frames.length;
    return Promise.resolve({ queues: this.#queues.size, frames, bytes: this.#bytes() });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
