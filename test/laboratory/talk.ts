/** A conversation that is counted: numbered texts both ways, when each was sent and when it was shown. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../apps/mycelium/src/connection.ts';
import { alicesAddress, bobsAddress } from '../harness/people.ts';
import { callerOf, type Scene } from './scene.ts';

interface Said {
  readonly text: string;
  readonly atMs: number;
}

export interface Counted {
  readonly said: number;
  readonly lost: number;
  readonly twice: number;
}

/** What one says to the other. */
class Side {
  readonly #from: Connection;
  readonly #to: string;
  readonly said: Said[] = [];
  /** When each text was shown, as often as it was. */
  readonly shown = new Map<string, number[]>();

  constructor(from: Connection, to: string) {
    this.#from = from;
    this.#to = to;
  }

  async say(text: string): Promise<void> {
    this.said.push({ text, atMs: performance.now() });
    await this.#from.call('messages.send', { to: this.#to, text });
  }

  hear(text: string): void {
    this.shown.set(text, [...(this.shown.get(text) ?? []), performance.now()]);
  }

  get missing(): readonly Said[] {
    return this.said.filter(({ text }) => !this.shown.has(text));
  }

  get twice(): number {
    return [...this.shown.values()].filter((times) => times.length > 1).length;
  }

  /** How long each text took that was said in that time. */
  delays(fromMs: number, untilMs: number): readonly number[] {
    return this.said
      .filter(({ atMs }) => atMs >= fromMs && atMs < untilMs)
      .map(({ text, atMs }) => (this.shown.get(text)?.[0] ?? Number.POSITIVE_INFINITY) - atMs);
  }
}

const everyMs = 100;

export class Talk {
  readonly alice: Connection;
  readonly bob: Connection;
  readonly #sides: readonly [Side, Side];
  #number = 0;

  private constructor(alice: Connection, bob: Connection) {
    this.alice = alice;
    this.bob = bob;
    this.#sides = [new Side(alice, bobsAddress), new Side(bob, alicesAddress)];
    const [toBob, toAlice] = this.#sides;
    bob.onEvent((event) => event.event === 'message' && toBob.hear(event.text));
    alice.onEvent((event) => event.event === 'message' && toAlice.hear(event.text));
  }

  static async begin({ alice, bob }: Scene): Promise<Talk> {
    const talk = new Talk(await callerOf(alice), await callerOf(bob));
    await Promise.all([talk.alice.call('events.subscribe', {}), talk.bob.call('events.subscribe', {})]);
    return talk;
  }

  /** Alice says one text; answers the ms until Bob is shown it. */
  async one(): Promise<number> {
    const [toBob] = this.#sides;
    const began = performance.now();
    this.#number += 1;
    await toBob.say(`text ${this.#number}`);
    await this.all();
    return Math.max(...toBob.delays(began, Number.POSITIVE_INFINITY));
  }

  /** Both say a text every tenth of a second, for so long. */
  async both(forMs: number): Promise<void> {
    const endMs = performance.now() + forMs;
    const saying: Promise<void>[] = [];
    while (performance.now() < endMs) {
      this.#number += 1;
      for (const side of this.#sides) saying.push(side.say(`text ${this.#number}`));
      await sleep(everyMs);
    }
    await Promise.all(saying);
  }

  /** Resolves when everything has been shown, or `withinMs` have passed. */
  async all(withinMs = 60_000): Promise<void> {
    const endMs = performance.now() + withinMs;
    while (this.#sides.some(({ missing }) => missing.length > 0) && performance.now() < endMs) await sleep(2);
  }

  /** The longest that any text took that was said in that time. */
  worstDelay(fromMs: number, untilMs: number = Number.POSITIVE_INFINITY): number {
    return Math.max(0, ...this.#sides.flatMap((side) => side.delays(fromMs, untilMs)));
  }

  /** When the last of what has been shown was shown. */
  get lastShownAtMs(): number {
    return Math.max(...this.#sides.flatMap(({ shown }) => [...shown.values()].flat()));
  }

  get counted(): Counted {
    const sum = (count: (side: Side) => number): number =>
      this.#sides.reduce((total, side) => total + count(side), 0);
    return {
      said: sum(({ said }) => said.length),
      lost: sum(({ missing }) => missing.length),
      twice: sum(({ twice }) => twice),
    };
  }

  end(): void {
    this.alice.close();
    this.bob.close();
  }
}
