/**
 * Somebody who owns and follows queues with the real mail agent over real links, and keeps in memory what a client keeps
 * on disk. Counts what must not happen.
 */
import { randomBytes } from 'node:crypto';
import { mailFrame, queueKeys, type QueueSecrets } from '../../packages/runtime/test/mail/device.ts';
import {
  createPrimitives,
  createTransport,
  systemClock,
  systemRandomness,
  type NodeTransport,
} from '../../packages/node/src/index.ts';
import {
  bytesEqual,
  frameTag,
  routeKey,
  type PeerAddress,
  type Route,
} from '../../packages/protocol/src/index.ts';
import { createMailAgent, type MailAgent, type MailHandler } from '../../packages/runtime/src/index.ts';
import { patienceMs } from './patience.ts';

const primitives = createPrimitives();

export interface TestQueue extends QueueSecrets {
  readonly frames: Uint8Array[];
}

export function testQueue(name: string): TestQueue {
  return { ...queueKeys(name), frames: [] };
}

export class MailUser {
  readonly #transport: NodeTransport;
  readonly #agent: MailAgent;
  readonly #queues = new Map<string, TestQueue>();
  readonly #acknowledged = new Map<string, number>();
  readonly #received = new Map<string, Uint8Array[]>();
  readonly #waiting = new Set<() => void>();
  /** Promises of the agent or the relay that did not hold. */
  readonly broken: string[] = [];
  readonly refusals: string[] = [];
  /** Whether the relay said at the last greeting that what it calls stored is not on a disk. */
  replicatedOnly: boolean | undefined;

  constructor(runtimeFolder: string) {
    this.#transport = createTransport({
      keySeed: randomBytes(32),
      listen: [],
      runtimeFolder,
      paths: ['tcp'],
    });
    this.#agent = createMailAgent({
      transport: this.#transport,
      clock: systemClock,
      randomness: systemRandomness,
      primitives,
      limits: { reopenMaxMs: 500 },
    });
    this.#agent.start(this.#handler());
  }

  own(queue: TestQueue, peer: PeerAddress): void {
    this.#queues.set(routeKey(queue.route), queue);
    this.#agent.own({ ...queue, peers: [peer], base: 0, next: queue.frames.length });
  }

  follow(queue: TestQueue, peer: PeerAddress): void {
    this.#queues.set(routeKey(queue.route), queue);
    this.#received.set(routeKey(queue.route), []);
    this.#agent.follow({ ...queue, peers: [peer], from: 0 });
  }

  append(queue: TestQueue, count: number): void {
    for (let at = 0; at < count; at += 1) queue.frames.push(mailFrame(queue.route, queue.frames.length));
    this.#agent.wake(queue.route, queue.frames.length);
  }

  acknowledged(queue: TestQueue): number {
    return this.#acknowledged.get(routeKey(queue.route)) ?? 0;
  }

  received(queue: TestQueue): number {
    return this.#received.get(routeKey(queue.route))?.length ?? 0;
  }

  /** How far each queue is, what was refused, and how the relay is reached: for who waits in vain. */
  get standing(): string {
    const queues = [...this.#queues].map(([key, { frames }], at) => {
      const taken = this.#received.get(key)?.length ?? this.#acknowledged.get(key) ?? 0;
      return `${at}: ${taken}/${frames.length}`;
    });
    const peers = this.#agent.peers().map((peer) => JSON.stringify({ ...peer, peer: undefined }));
    return [`queues ${queues.join(', ')}`, `refused ${this.refusals.join(', ')}`, ...peers].join('\n');
  }

  /** Resolves when it holds; looked at whenever something was heard. */
  until(what: string, holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!holds()) return;
        end();
        resolve();
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`not in ${patienceMs} ms: ${what}\n${this.standing}`));
      }, patienceMs);
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }

  async end(): Promise<void> {
    await this.#agent.stop();
    await this.#transport.close();
  }

  #tell(): void {
    for (const look of Array.from(this.#waiting)) look();
  }

  #handler(): MailHandler {
    return {
      greeted: (_, { replicatedOnly }) => (this.replicatedOnly = replicatedOnly),
      framesToSend: (route, from, framesMax) => this.#framesOf(route).slice(from, from + framesMax),
      acknowledged: (route, _, next) => {
        if (next > this.#framesOf(route).length) this.broken.push(`${next} were stored, and never sent`);
        this.#acknowledged.set(routeKey(route), next);
        this.#tell();
        return Promise.resolve();
      },
      ahead: (_, __, { next }) => {
        this.broken.push(`the relay has ${next}, more than was sent or something else`);
        return Promise.reject(new Error('not believed'));
      },
      lastTaken: (route) => {
        const taken = this.#received.get(routeKey(route)) ?? [];
        const last = taken.at(-1);
        return last === undefined ? undefined : { next: taken.length, tag: frameTag(last) };
      },
      received: (route, firstIndex, frames) => Promise.resolve(this.#take(route, firstIndex, frames)),
      missing: (_, first) => {
        this.broken.push(`frames below ${first} are missing`);
        return Promise.resolve(first);
      },
      intake: () => Promise.resolve(),
      refused: (_, __, { code }) => {
        this.refusals.push(code);
        this.#tell();
      },
      peersChanged: () => undefined,
    };
  }

  #framesOf(route: Route): readonly Uint8Array[] {
    return this.#queues.get(routeKey(route))?.frames ?? [];
  }

  #take(route: Route, firstIndex: number, frames: readonly Uint8Array[]): number {
    const taken = this.#received.get(routeKey(route)) ?? [];
    if (firstIndex !== taken.length)
      this.broken.push(`frame ${firstIndex} came, and ${taken.length} was wanted`);
    for (const frame of frames) {
      const wanted = this.#framesOf(route)[taken.length];
      if (wanted !== undefined && !bytesEqual(wanted, frame))
        this.broken.push(`frame ${taken.length} is another`);
      taken.push(frame.slice());
    }
    this.#tell();
    return taken.length;
  }
}
