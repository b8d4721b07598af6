/** Runs the serving machine on one accepted link: bytes in, effects out, time as the machine asks for it. */
import {
  createServer,
  encodeSummons,
  stepServer,
  type ServerEffect,
  type ServerInput,
  type ServerLimits,
  type ServerPrimitives,
  type ServerState,
  type ServerStep,
  type Splice,
} from '@mycelium/protocol';
import type { Clock } from '../ports/clock.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { Link, Transport } from '../ports/transport.ts';
import type { SpliceEnd, Splices } from '../relay/splices.ts';
import type { ServingBackend, ServingSession } from './serving.ts';

export interface LinkServing {
  readonly transport: Pick<Transport, 'key'>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly primitives: ServerPrimitives;
  readonly limits: ServerLimits;
  readonly backend: ServingBackend;
  /** Of a relay that joins links of others. */
  readonly splices?: Splices;
}

export interface ServedLink {
  readonly link: Link;
  /** Says so to the peer and closes. */
  stop(): void;
}

/** `ended` is called once, whatever ended it. Call it in the turn in which the link was handed over. */
export function serveLink(serving: LinkServing, link: Link, ended: (reason: string) => void): ServedLink {
  const connection = new Connection(serving, link, ended);
  return { link, stop: () => connection.give({ kind: 'stop' }) };
}

class Connection {
  readonly #serving: LinkServing;
  readonly #link: Link;
  readonly #ended: (reason: string) => void;
  readonly #session: ServingSession;
  readonly #inputs: ServerInput[] = [];
  #state: ServerState;
  #stepping = false;
  #open = true;
  #reason: string | undefined;
  #heardAtMs: number;
  #cancelWake: () => void = () => undefined;
  #cancelSilence: () => void = () => undefined;
  #unattend: () => void = () => undefined;
  /** From then on the link is none of mail. */
  #splice: SpliceEnd | undefined;

  constructor(serving: LinkServing, link: Link, ended: (reason: string) => void) {
    const { transport, clock, randomness, limits, backend } = serving;
    this.#serving = serving;
    this.#link = link;
    this.#ended = ended;
    this.#heardAtMs = clock.monotonicMs();
    link.onBytes((bytes) => this.#receive(bytes));
    link.onDrain(() =>
      this.#splice === undefined ? this.give({ kind: 'drained' }) : this.#splice.drained(),
    );
    link.onClose((reason) => {
      this.#splice?.ended();
      this.#finish(reason);
    });
    const identity = { challenge: randomness.bytes(32), transportKey: transport.key };
    const first = createServer(identity, limits, this.#heardAtMs);
    this.#state = first.state;
    this.#session = backend.begin({
      peerKey: link.remoteKey,
      source: link.source,
      give: (input) => this.give(input),
    });
    this.#take(first);
    this.#watchForSilence();
  }

  give(input: ServerInput): void {
    if (!this.#open) return;
    this.#inputs.push(input);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      this.#stepThrough();
    } finally {
      this.#stepping = false;
    }
  }

  #stepThrough(): void {
    for (let next = this.#inputs.shift(); next !== undefined && this.#open; next = this.#inputs.shift()) {
      this.#take(stepServer(this.#state, next, this.#serving.primitives));
    }
  }

  #receive(bytes: Uint8Array): void {
    if (this.#splice !== undefined) return this.#splice.bytes(bytes);
    const { clock } = this.#serving;
    this.#heardAtMs = clock.monotonicMs();
    this.give({ kind: 'bytes', bytes, nowMs: clock.nowMs(), monotonicMs: this.#heardAtMs });
  }

  #take({ state, effects }: ServerStep): void {
    this.#state = state;
    for (const effect of effects) if (this.#open) this.#perform(effect);
  }

  #perform(effect: ServerEffect): void {
    const { clock } = this.#serving;
    switch (effect.kind) {
      case 'send':
        return this.#send(effect.parts);
      case 'pause':
        return this.#link.pause();
      case 'resume':
        this.#heardAtMs = clock.monotonicMs();
        return this.#link.resume();
      case 'wake': {
        this.#cancelWake();
        const delayMs = Math.max(1, effect.monotonicMs - clock.monotonicMs());
        const woken = (): void => this.give({ kind: 'woken', monotonicMs: clock.monotonicMs() });
        this.#cancelWake = clock.after(delayMs, woken);
        return;
      }
      case 'close':
        this.#reason = effect.reason;
        this.#link.close();
        return this.#finish(effect.reason);
      case 'attend': {
        const { splices } = this.#serving;
        const summon = (ticket: Uint8Array): void => this.#send([encodeSummons(ticket)]);
        this.#unattend = splices?.attend(this.#link.remoteKey, summon) ?? this.#unattend;
        return;
      }
      case 'splice':
        this.#beginSplice(effect.splice);
        return;
      case 'open':
      case 'append':
      case 'look-up':
      case 'watch':
      case 'unwatch':
      case 'read':
      case 'trim':
      case 'report':
      case 'seek':
      case 'publish':
        return this.#session.perform(effect);
    }
  }

  /** The splice closes the link when it is over. */
  #beginSplice(splice: Splice): void {
    this.#cancelSilence();
    this.#cancelWake();
    this.#splice = this.#serving.splices?.begin(this.#link, splice);
    if (this.#splice === undefined) this.#link.close();
  }

  #send(parts: readonly Uint8Array[]): void {
    let room = true;
    for (const part of parts) room = this.#link.write(part) && room;
    if (!room) this.#inputs.push({ kind: 'blocked' });
    if (!room && !this.#stepping) this.give({ kind: 'blocked' });
  }

  /** A client says something every 20 s; one that does not is gone. */
  #watchForSilence(): void {
    const { clock } = this.#serving;
    this.#cancelSilence = clock.after(silenceMs / 2, () => {
      const silentMs = this.#state.paused ? 0 : clock.monotonicMs() - this.#heardAtMs;
      if (silentMs < silenceMs) return this.#watchForSilence();
      this.#link.close();
      return this.#finish('the peer says nothing any more');
    });
  }

  #finish(reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#cancelWake();
    this.#cancelSilence();
    this.#unattend();
    this.#session.end();
    this.#ended(this.#reason ?? reason);
  }
}

/** Three keep-alives of a client (spec/mail-clients.md, "Connections"). */
const silenceMs = 60_000;
