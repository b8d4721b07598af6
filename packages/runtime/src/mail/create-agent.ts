/** The mail agent: keeps what the client declared, and gives each part of it to who looks after it. */
import {
  formatPeerAddress,
  routeKey,
  type PeerAddress,
  type Route,
  type ServerLimits,
} from '@mycelium/protocol';
import type { Cancellation } from '../ports/cancellation.ts';
import type { Link } from '../ports/transport.ts';
import type {
  DirectoryAnswer,
  FollowedQueue,
  IntakeQueue,
  MailAgent,
  MailHandler,
  OwnedQueue,
  PeerReport,
  PeerView,
  QueueKeys,
  RelayedRecord,
  SubmitOutcome,
  TokenSubmission,
} from './agent.ts';
import { lookUpThrough, publishThrough } from './ask-directory.ts';
import { combineBackends } from './combine-backends.ts';
import { Follower } from './follower.ts';
import { createInbox } from './inbox.ts';
import { IncomingLinks } from './incoming.ts';
import { IntakeKeeper } from './intake-keeper.ts';
import { usualMailAgentLimits, type MailAgentLimits } from './limits.ts';
import { meetPeer } from './meet.ts';
import { Owner } from './owner.ts';
import type { Peer } from './peer.ts';
import { Peers } from './peers.ts';
import { readOnce, type ReadOutcome } from './read-once.ts';
import type { LinkServing } from './serve-link.ts';
import type { ServingBackend } from './serving.ts';
import { usualServerLimits } from './serving-limits.ts';
import { frameWithToken, submitFrame, type FrameFor } from './submit.ts';
import type { Splices } from '../relay/splices.ts';
import type { Surroundings } from './surroundings.ts';

export interface MailAgentWish extends Omit<Surroundings, 'limits'> {
  readonly limits?: Partial<MailAgentLimits>;
  readonly serverLimits?: ServerLimits;
  /** When this device is a relay too: it serves what is not for us. */
  readonly relay?: ServingBackend;
  /** And joins links of others. */
  readonly splices?: Splices;
}

interface KeptIntakes {
  readonly queue: IntakeQueue;
  readonly keepers: readonly IntakeKeeper[];
}

export function createMailAgent(wish: MailAgentWish): MailAgent {
  return new Agent(wish);
}

class Agent implements MailAgent {
  readonly #around: Surroundings;
  readonly #wish: MailAgentWish;
  readonly #peers: Peers;
  readonly #incoming: IncomingLinks;
  readonly #owners = new Map<string, Owner>();
  readonly #followers = new Map<string, Follower>();
  readonly #intakes = new Map<string, KeptIntakes>();
  /** Of queues that were left: what is on its way to the handler. */
  readonly #ending = new Set<Promise<void>>();
  readonly #stopSignals = new Set<() => void>();
  #started: { readonly handler: MailHandler; readonly serving: LinkServing } | undefined;
  #stopped = false;

  constructor(wish: MailAgentWish) {
    this.#wish = wish;
    this.#around = { ...wish, limits: { ...usualMailAgentLimits, ...wish.limits } };
    this.#peers = new Peers(this.#around, {
      greeted: (peer, promise) => this.#started?.handler.greeted?.(peer, promise),
      changed: () => this.#changed(),
      violated: (peer, refusal) => this.#started?.handler.refused(undefined, peer, refusal),
    });
    this.#incoming = new IncomingLinks(this.#around.limits, () => this.#changed());
  }

  start(handler: MailHandler): void {
    const inbox = createInbox({
      handler,
      clock: this.#around.clock,
      follower: (route) => this.#followers.get(route),
      intake: (route) => this.#intakes.get(route)?.queue,
      primitives: this.#around.primitives,
      ownKey: this.#around.transport.key,
      addressOf: (key) => this.#peers.find(key)?.address ?? { key },
    });
    const backend = combineBackends(inbox, this.#wish.relay);
    const { splices } = this.#wish;
    const limits = this.#wish.serverLimits ?? usualServerLimits;
    this.#around.transport.onChange(() => {
      this.#peers.lookAgain();
      this.#changed();
    });
    this.#started = { handler, serving: { ...this.#around, limits, backend, ...(splices && { splices }) } };
  }

  accept(link: Link): void {
    if (this.#started === undefined || this.#stopped) return link.close();
    this.#incoming.accept(this.#started.serving, link, (key) => this.#peers.find(key) !== undefined);
    // Who reaches us can perhaps be reached, and takes perhaps what it refused: now, not when its turn comes.
    this.#peers.find(link.remoteKey)?.seen();
  }

  own(queue: OwnedQueue): void {
    const key = routeKey(queue.route);
    const owner = this.#owners.get(key) ?? new Owner(this.#around, this.#handler, queue);
    this.#owners.set(key, owner);
    owner.update(queue, this.#devicesThrough(queue));
  }

  /** The peers of a queue, the devices among them with the relays at which they may be called. */
  #devicesThrough({ peers, through = [] }: OwnedQueue): readonly Peer[] {
    const relays = this.#peers.of(through);
    const all = this.#peers.of(peers);
    for (const peer of all) if (through.length > 0 && !relays.includes(peer)) peer.mayBeThrough(through);
    return all;
  }

  wake(route: Route, next: number): void {
    this.#owners.get(routeKey(route))?.wake(next);
  }

  follow(queue: FollowedQueue): void {
    const key = routeKey(queue.route);
    const readerPublicKey = this.#around.primitives.ed25519PublicKey(queue.readerSeed);
    const follower =
      this.#followers.get(key) ?? new Follower(this.#around, this.#handler, { ...queue, readerPublicKey });
    this.#followers.set(key, follower);
    follower.update(queue.from, this.#peers.of(queue.peers));
  }

  keepIntake(queue: IntakeQueue): void {
    const key = routeKey(queue.route);
    const before = this.#intakes.get(key);
    if (before !== undefined && samePlace(before.queue, queue)) {
      this.#intakes.set(key, { queue, keepers: before.keepers });
      for (const keeper of before.keepers) keeper.tell(queue.tokens);
      return;
    }
    this.#endIntake(key);
    const kept = { ...queue, readerPublicKey: this.#around.primitives.ed25519PublicKey(queue.readerSeed) };
    const peers = this.#peers.of(queue.peers);
    const keepers = peers.map((peer) => new IntakeKeeper(this.#around, this.#handler, kept, peer));
    this.#intakes.set(key, { queue, keepers });
  }

  leave(route: Route): void {
    const key = routeKey(route);
    this.#owners.get(key)?.stop();
    this.#owners.delete(key);
    const follower = this.#followers.get(key);
    this.#followers.delete(key);
    if (follower !== undefined) this.#end(follower.stop());
    this.#endIntake(key);
  }

  trim(route: Route, upTo: number): void {
    this.#owners.get(routeKey(route))?.trim(upTo);
  }

  readOnce(queue: QueueKeys, peers: readonly PeerAddress[], signal: Cancellation): Promise<ReadOutcome> {
    return this.#whileRunning(signal, (both) => readOnce(this.#around, queue, this.#peers.of(peers), both));
  }

  submit(frame: Uint8Array, peers: readonly PeerAddress[], signal: Cancellation): Promise<SubmitOutcome> {
    return this.#submit(() => frame, peers, signal);
  }

  submitWithToken(
    submission: TokenSubmission,
    peers: readonly PeerAddress[],
    signal: Cancellation,
  ): Promise<SubmitOutcome> {
    return this.#submit(frameWithToken(this.#around, submission), peers, signal);
  }

  #submit(frameFor: FrameFor, peers: readonly PeerAddress[], signal: Cancellation): Promise<SubmitOutcome> {
    return this.#whileRunning(signal, (both) =>
      submitFrame(this.#around, frameFor, this.#peers.of(peers), both),
    );
  }

  lookUp(
    locator: Uint8Array,
    peers: readonly PeerAddress[],
    signal: Cancellation,
  ): Promise<readonly DirectoryAnswer[]> {
    return this.#whileRunning(signal, (both) =>
      lookUpThrough(this.#around, locator, this.#peers.of(peers), both),
    );
  }

  publish(
    record: RelayedRecord,
    peers: readonly PeerAddress[],
    signal: Cancellation,
  ): Promise<readonly DirectoryAnswer[]> {
    return this.#whileRunning(signal, (both) =>
      publishThrough(this.#around, record, this.#peers.of(peers), both),
    );
  }

  meet(address: PeerAddress, signal: Cancellation): Promise<PeerReport | undefined> {
    const [peer] = this.#peers.of([address]);
    if (peer === undefined) return Promise.resolve(undefined);
    return this.#whileRunning(signal, (both) => meetPeer(this.#around, peer, both));
  }

  peers(): readonly PeerView[] {
    return [...this.#peers.views(), ...this.#incoming.views()];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const stop of Array.from(this.#stopSignals)) stop();
    for (const owner of this.#owners.values()) owner.stop();
    this.#owners.clear();
    for (const follower of this.#followers.values()) this.#end(follower.stop());
    this.#followers.clear();
    for (const key of Array.from(this.#intakes.keys())) this.#endIntake(key);
    this.#incoming.stop();
    this.#peers.stop();
    await Promise.all(this.#ending);
  }

  get #handler(): MailHandler {
    if (this.#started === undefined) throw new Error('the mail agent is started before queues are declared');
    return this.#started.handler;
  }

  #changed(): void {
    if (!this.#stopped) this.#started?.handler.peersChanged();
  }

  #endIntake(key: string): void {
    for (const keeper of this.#intakes.get(key)?.keepers ?? []) this.#end(keeper.stop());
    this.#intakes.delete(key);
  }

  #end(ending: Promise<void>): void {
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }

  /** Ends with the caller's signal, and with the agent. */
  async #whileRunning<T>(signal: Cancellation, work: (both: Cancellation) => Promise<T>): Promise<T> {
    const listeners = new Set<() => void>();
    const stopped = (): boolean => this.#stopped;
    const stop = (): void => {
      for (const listener of Array.from(listeners)) listener();
    };
    signal.addEventListener('abort', stop);
    this.#stopSignals.add(stop);
    try {
      return await work({
        get aborted() {
          return signal.aborted || stopped();
        },
        addEventListener: (_, listener) => void listeners.add(listener),
        removeEventListener: (_, listener) => void listeners.delete(listener),
      });
    } finally {
      signal.removeEventListener('abort', stop);
      this.#stopSignals.delete(stop);
    }
  }
}

/** Only what is said of tokens may differ. */
function samePlace(one: IntakeQueue, other: IntakeQueue): boolean {
  const peersOf = ({ peers }: IntakeQueue): string => peers.map(formatPeerAddress).join(' ');
  return one.difficulty === other.difficulty && peersOf(one) === peersOf(other);
}
