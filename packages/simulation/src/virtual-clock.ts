/**
 * Time that moves only when a test says so. Timers run in order of their time, those of one time in the order in
 * which they were set; between two timers everything that promises started comes to rest. So a run depends on
 * its inputs only, takes no real time, and can be repeated.
 *
 * Promises that the platform settles from outside the language (MLS and HPKE use its thread pool) have to be given to
 * `track`: time stands still until they have settled, and their results are released in the order in which they
 * were tracked, one at a time, whichever thread was quicker.
 */
import type { Clock } from '@mycelium/runtime';

/** The clock as one simulated machine sees it. After `discard`, the end of that machine, none of its work goes on. */
export interface ClockScope extends Clock {
  track<T>(work: Promise<T>): Promise<T>;
  /** Moves this machine's wall clock away from the others'. */
  setWallOffset(offsetMs: number): void;
  discard(): void;
}

export interface VirtualClock extends ClockScope {
  scope(): ClockScope;
  /** Lets everything that can go on without time passing go on. */
  settle(): Promise<void>;
  /** Runs all timers of the next `ms` and stands at their end. */
  advance(ms: number): Promise<void>;
  /** Runs timers until `reached`. False: it was not within `limitMs`, or no timer is left. */
  runUntil(reached: () => boolean, limitMs: number): Promise<boolean>;
  /** Runs until no timer is left, at most `limitMs`. False: timers are left. */
  runUntilQuiescent(limitMs: number): Promise<boolean>;
  readonly timersLeft: number;
}

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly call: () => void;
  cancelled: boolean;
}

interface Work {
  readonly settled: Promise<void>;
  readonly release: () => void;
  readonly scope: Scope;
}

/** 2026-01-01T00:00:00Z. */
const startMs = 1_767_225_600_000;

class Scope implements ClockScope {
  protected readonly world: World;
  #wallOffsetMs = 0;
  discarded = false;

  constructor(world: World) {
    this.world = world;
  }

  nowMs(): number {
    return Math.floor(startMs + this.world.now + this.#wallOffsetMs);
  }

  monotonicMs(): number {
    return this.world.now;
  }

  after(delayMs: number, call: () => void): () => void {
    return this.world.after(delayMs, () => {
      if (!this.discarded) call();
    });
  }

  track<T>(work: Promise<T>): Promise<T> {
    return this.world.track(work, this);
  }

  setWallOffset(offsetMs: number): void {
    this.#wallOffsetMs = offsetMs;
  }

  discard(): void {
    this.discarded = true;
  }
}

class World {
  now = 0;
  #order = 0;
  readonly #timers: Timer[] = [];
  readonly #works: Work[] = [];
  #cancelledCount = 0;

  get timersLeft(): number {
    return this.#timers.length - this.#cancelledCount;
  }

  after(delayMs: number, call: () => void): () => void {
    const timer: Timer = {
      atMs: this.now + Math.max(0, delayMs),
      order: this.#order++,
      call,
      cancelled: false,
    };
    this.#insert(timer);
    return () => {
      if (timer.cancelled) return;
      timer.cancelled = true;
      this.#cancelledCount += 1;
    };
  }

  track<T>(work: Promise<T>, scope: Scope): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let release = (): void => undefined;
      const settled = work.then(
        (value) => {
          release = () => resolve(value);
        },
        (error: unknown) => {
          release = () => reject(error);
        },
      );
      this.#works.push({ settled, release: () => release(), scope });
    });
  }

  async settle(): Promise<void> {
    await immediate();
    for (let work = this.#works.shift(); work !== undefined; work = this.#works.shift()) {
      await work.settled;
      if (!work.scope.discarded) work.release();
      await immediate();
    }
  }

  /** Runs the next timer when it is due by `untilMs`. */
  async step(untilMs: number): Promise<boolean> {
    const timer = this.#next(untilMs);
    if (timer === undefined) return false;
    this.now = Math.max(this.now, timer.atMs);
    timer.call();
    await this.settle();
    return true;
  }

  #next(untilMs: number): Timer | undefined {
    for (let head = this.#timers[0]; head !== undefined && head.atMs <= untilMs; head = this.#timers[0]) {
      this.#timers.shift();
      if (!head.cancelled) {
        // Whoever cancels it from now on cancels nothing.
        head.cancelled = true;
        return head;
      }
      this.#cancelledCount -= 1;
    }
    return undefined;
  }

  #insert(timer: Timer): void {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#timers[middle];
      if (other !== undefined && other.atMs <= timer.atMs) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
  }
}

class TestClock extends Scope implements VirtualClock {
  get timersLeft(): number {
    return this.world.timersLeft;
  }

  scope(): ClockScope {
    return new Scope(this.world);
  }

  settle(): Promise<void> {
    return this.world.settle();
  }

  async advance(ms: number): Promise<void> {
    const until = this.world.now + ms;
    await this.world.settle();
    while (await this.world.step(until));
    this.world.now = until;
  }

  async runUntil(reached: () => boolean, limitMs: number): Promise<boolean> {
    const until = this.world.now + limitMs;
    await this.world.settle();
    while (!reached()) {
      if (!(await this.world.step(until))) return false;
    }
    return true;
  }

  runUntilQuiescent(limitMs: number): Promise<boolean> {
    return this.runUntil(() => this.world.timersLeft === 0, limitMs);
  }
}

export function createVirtualClock(): VirtualClock {
  return new TestClock(new World());
}

/** A port whose promises are all tracked: for key agreement, whose work the platform does in threads. */
export function trackedPort<Port extends object>(clock: ClockScope, port: Port): Port {
  return new Proxy(port, {
    get(target, name, receiver): unknown {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return (...values: readonly unknown[]): unknown => {
        const answer: unknown = Reflect.apply(member, target, values);
        return answer instanceof Promise ? clock.track(answer) : answer;
      };
    },
  });
}

/** All microtasks are done when the event loop comes here. */
function immediate(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
