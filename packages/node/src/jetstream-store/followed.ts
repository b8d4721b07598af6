/**
 * Queues in which somebody here takes an interest: what other front-ends do with them is heard from the server, which
 * says so once, to whoever listens then. So each is looked at again when news may have been missed: after a lost
 * connection, after a stream has changed its leader, and now and then.
 */
import { bytesToHex } from '@mycelium/protocol';
import type { QueueNews, QueuesElsewhere } from '@mycelium/runtime';
import type { Connection } from './connection.ts';
import type { QueueLine } from './queue-line.ts';
import type { RecordLog } from './record-log.ts';
import type { Subjects } from './subjects.ts';

export interface FollowedWish {
  readonly connection: Connection;
  readonly subjects: Subjects;
  readonly log: RecordLog;
  /** Ours, to know our own news. */
  readonly frontEnd: string;
  readonly lineOf: (route: Uint8Array) => QueueLine;
}

interface FollowedQueue {
  readonly route: Uint8Array;
  readonly stream: string;
  users: number;
  readonly stop: () => void;
}

const leaderElected = '$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED.*';
/** All are looked at about once in this time, a part of them each second. */
const lookEverySeconds = 60;
const looksAtOnceMax = 32;

export class Followed implements QueuesElsewhere {
  readonly #wish: FollowedWish;
  readonly #queues = new Map<string, FollowedQueue>();
  #hear: (news: QueueNews) => void = () => undefined;
  readonly #timer: NodeJS.Timeout;
  #round: FollowedQueue[] = [];
  #stopped = false;

  constructor(wish: FollowedWish) {
    this.#wish = wish;
    wish.connection.onBack(() => void this.#lookAt([...this.#queues.values()]));
    wish.connection.nats.connection.subscribe(leaderElected, {
      callback: (_, { subject }) => {
        const ofStream = [...this.#queues.values()].filter(({ stream }) => subject.endsWith(`.${stream}`));
        void this.#lookAt(ofStream);
      },
    });
    this.#timer = setInterval(() => this.#lookAtSome(), 1000).unref();
  }

  listen(hear: (news: QueueNews) => void): void {
    this.#hear = hear;
  }

  heeds(routeHex: string): boolean {
    return this.#queues.has(routeHex);
  }

  heed(route: Uint8Array): void {
    const key = bytesToHex(route);
    const known = this.#queues.get(key);
    if (known !== undefined) {
      known.users += 1;
      return;
    }
    const own = route.slice();
    const { frontEnd, lineOf, log, subjects } = this.#wish;
    const place = subjects.place(own);
    const stop = log.hear(place, {
      stored: (news) => {
        const line = lineOf(own);
        if (!line.heard(news)) return;
        if (line.remembered === undefined) void this.#look(own);
        else this.#hear({ kind: 'grown', route: own, next: news.record.next });
      },
      opened: (by) => {
        if (by !== frontEnd) this.#hear({ kind: 'opened', route: own });
      },
    });
    // What was remembered may be from before we listened.
    lineOf(own).doubt();
    this.#queues.set(key, { route: own, stream: place.stream, users: 1, stop });
  }

  ignore(route: Uint8Array): void {
    const key = bytesToHex(route);
    const known = this.#queues.get(key);
    if (known === undefined) return;
    known.users -= 1;
    if (known.users > 0) return;
    this.#queues.delete(key);
    known.stop();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  #lookAtSome(): void {
    if (!this.#wish.connection.isUp) return;
    if (this.#round.length === 0) this.#round = [...this.#queues.values()];
    const some = this.#round.splice(0, Math.ceil(this.#queues.size / lookEverySeconds));
    void this.#lookAt(some);
  }

  async #lookAt(queues: readonly FollowedQueue[]): Promise<void> {
    for (const { route } of queues) this.#wish.lineOf(route).doubt();
    const left = queues.values();
    const work = async (): Promise<void> => {
      for (const { route } of left) if (!this.#stopped) await this.#look(route);
    };
    await Promise.all(Array.from({ length: Math.min(looksAtOnceMax, queues.length) }, work));
  }

  /** Where it cannot be asked now, the next round or the next connection will. */
  async #look(route: Uint8Array): Promise<void> {
    const tip = await this.#wish
      .lineOf(route)
      .refresh()
      .catch(() => undefined);
    if (tip !== undefined) this.#hear({ kind: 'grown', route, next: tip.record.next });
  }
}
