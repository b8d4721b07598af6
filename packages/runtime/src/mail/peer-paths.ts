/**
 * The paths of one peer, performed: dials what the chooser says (`paths/chooser.ts`), keeps the links that came of it, measures
 * them, and hands the one that is used to the peer's users. When another takes over, whoever uses a queue attaches to it there
 * and goes on from the index that the peer says: nothing is lost and nothing taken twice.
 */
import type { PeerAddress, Refusal } from '@mycelium/protocol';
import { createPathChooser, stepPaths } from '../paths/chooser.ts';
import type { PathChooser, PathEffect, PathInput } from '../paths/chooser-types.ts';
import { pathLimits } from '../paths/limits.ts';
import type { Link, Path } from '../ports/transport.ts';
import { ClientLink } from './client-link.ts';
import { createCancellation } from './cancel.ts';
import type { Surroundings } from './surroundings.ts';

export interface PeerPathsEvents {
  /** All that is known of where the peer may be. */
  addresses(): readonly PeerAddress[];
  /** Relays at which it may be called. */
  through(): readonly PeerAddress[];
  /** Another link is used from now on, or none. */
  used(link: ClientLink | undefined): void;
  /** A round of dials failed, or the last link ended. */
  unreachable(): void;
  changed(): void;
  violated(refusal: Refusal): void;
}

/** Mail is noticed at most so often. */
const trafficEveryMs = 1_000;
/** A link over which mail went is asked often for so long. */
const watchMs = 10_000;

export class PeerPaths {
  readonly #around: Surroundings;
  readonly #events: PeerPathsEvents;
  readonly #links = new Map<string, ClientLink>();
  readonly #dials = new Map<string, () => void>();
  readonly #inputs: PathInput[] = [];
  #state: PathChooser = createPathChooser();
  #stepping = false;
  #wake: { readonly atMs: number; readonly cancel: () => void } | undefined;
  #trafficAtMs = Number.NEGATIVE_INFINITY;

  constructor(around: Surroundings, events: PeerPathsEvents) {
    this.#around = around;
    this.#events = events;
  }

  get state(): PathChooser {
    return this.#state;
  }

  get used(): ClientLink | undefined {
    const link = this.#state.used === undefined ? undefined : this.#links.get(this.#state.used);
    return link?.ready === true ? link : undefined;
  }

  /** The link of one path, while it is open. */
  link(name: string): ClientLink | undefined {
    return this.#links.get(name);
  }

  get isIdle(): boolean {
    return this.#links.size === 0 && this.#dials.size === 0;
  }

  want(wanted: boolean): void {
    if (wanted === this.#state.wanted) return;
    if (wanted) this.look();
    this.give({ kind: 'wanted', wanted });
  }

  /** Other paths may be there now. */
  look(): void {
    this.give({
      kind: 'paths',
      paths: this.#around.transport.paths(this.#events.addresses(), this.#events.through()),
    });
  }

  /** The networks of this machine have changed: links may be dead without a word. */
  moved(): void {
    for (const link of this.#links.values()) link.ask();
    this.look();
    this.give({ kind: 'moved' });
  }

  give(input: PathInput): void {
    this.#inputs.push(input);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#step(next);
    } finally {
      this.#stepping = false;
    }
  }

  #step(input: PathInput): void {
    const { clock, randomness } = this.#around;
    const [low = 0, high = 0] = randomness.bytes(2);
    const moment = { nowMs: clock.monotonicMs(), chance: (low + high * 256) / 65_536 };
    const { state, effects, wakeAtMs } = stepPaths(this.#state, input, moment);
    this.#state = state;
    this.#wakeAt(wakeAtMs);
    for (const effect of effects) this.#perform(effect);
    if (input.kind !== 'time' && input.kind !== 'traffic' && input.kind !== 'paths') this.#events.changed();
  }

  #perform(effect: PathEffect): void {
    switch (effect.kind) {
      case 'dial':
        return this.#dial(effect.name, effect.path);
      case 'give-up': {
        const giveUp = this.#dials.get(effect.name);
        this.#dials.delete(effect.name);
        return giveUp?.();
      }
      case 'close': {
        const link = this.#links.get(effect.name);
        this.#links.delete(effect.name);
        return link?.close('not needed any more');
      }
      case 'use':
        return this.#events.used(this.used);
      case 'unreachable':
        return this.#events.unreachable();
    }
  }

  #dial(name: string, path: Path): void {
    const { transport, clock, limits } = this.#around;
    const attempt = createCancellation();
    const cancelTimeout = clock.after(limits.dialTimeoutMs, attempt.abort);
    this.#dials.set(name, attempt.abort);
    const isCurrent = (): boolean => this.#dials.get(name) === attempt.abort;
    transport.dialPath(path, attempt.signal).then(
      (link) => {
        cancelTimeout();
        if (isCurrent()) this.#greet(name, path, link);
        else link.close();
      },
      (error: unknown) => {
        cancelTimeout();
        if (!isCurrent()) return;
        this.#dials.delete(name);
        this.give({ kind: 'failed', name, reason: error instanceof Error ? error.message : String(error) });
      },
    );
  }

  /** The dial goes on until the other side has said hello. */
  #greet(name: string, path: Path, link: Link): void {
    const [endpoint] = path.endpoints;
    const peer = { key: path.key, ...(endpoint && { endpoint }) };
    const client: ClientLink = new ClientLink(this.#around, link, peer, {
      ready: () => {
        this.#dials.delete(name);
        this.#links.set(name, client);
        // As long as it takes to compare it with the one that is used.
        for (const open of this.#links.values()) open.watch(pathLimits.measureMs);
        this.give({ kind: 'opened', name });
      },
      roundTrip: () => {
        if (client.rttMs !== undefined) this.give({ kind: 'measured', name, rttMs: client.rttMs });
      },
      doubted: () => this.give({ kind: 'doubted', name }),
      trusted: () => this.give({ kind: 'trusted', name }),
      traffic: () => this.#traffic(),
      summoned: (ticket) => this.#around.transport.answerSummons(path, ticket),
      violated: (refusal) => this.#events.violated(refusal),
      ended: (reason) => this.#ended(name, client, reason),
    });
    this.#dials.set(name, () => client.close('given up'));
  }

  #ended(name: string, client: ClientLink, reason: string): void {
    if (this.#links.get(name) === client) {
      this.#links.delete(name);
      this.give({ kind: 'closed', name, reason });
    } else if (client.hello === undefined && this.#dials.delete(name)) {
      this.give({ kind: 'failed', name, reason });
    }
  }

  #traffic(): void {
    const nowMs = this.#around.clock.monotonicMs();
    if (nowMs - this.#trafficAtMs < trafficEveryMs) return;
    this.#trafficAtMs = nowMs;
    for (const link of this.#links.values()) link.watch(watchMs);
    // Not in the middle of what goes over the link: another one may take over.
    void Promise.resolve().then(() => this.give({ kind: 'traffic' }));
  }

  #wakeAt(atMs: number | undefined): void {
    if (this.#wake?.atMs === atMs) return;
    this.#wake?.cancel();
    this.#wake = undefined;
    if (atMs === undefined) return;
    const { clock } = this.#around;
    const cancel = clock.after(Math.max(1, atMs - clock.monotonicMs()), () => {
      this.#wake = undefined;
      if (this.used === undefined) this.look();
      this.give({ kind: 'time' });
    });
    this.#wake = { atMs, cancel };
  }
}
