/**
 * A mail agent that is as small as can be: queues in memory, everything handed over when `settle` is called, one
 * thing after the other. What the real agent does on top (links, loss, back-off) is tested with the simulated network.
 */
import {
  bytesEqual,
  bytesToHex,
  decodeIntake,
  frameTag,
  unwrap,
  type PeerAddress,
  type TransportKey,
} from '@mycelium/protocol';
import type {
  AheadClaim,
  FollowedQueue,
  IntakeQueue,
  MailAgent,
  MailHandler,
  OwnedQueue,
} from '@mycelium/runtime';

const retentionMs = 30 * 86_400_000;

interface Kept {
  first: number;
  frames: Uint8Array[];
}

/** Relays that never fail. `offline` holds those that nobody reaches, by name of their key's first byte. */
export class PostOffice {
  readonly queues = new Map<string, Kept>();
  readonly agents: FakeAgent[] = [];
  readonly offline = new Set<number>();
  /** Sees every frame that reaches a relay. */
  onFrame: (frame: Uint8Array) => void = () => undefined;

  queue(peer: PeerAddress, route: Uint8Array, base = 0): Kept | undefined {
    if (this.offline.has(peer.key[0] ?? 0)) return undefined;
    const name = `${bytesToHex(peer.key)} ${bytesToHex(route)}`;
    const kept = this.queues.get(name) ?? { first: base, frames: [] };
    this.queues.set(name, kept);
    return kept;
  }

  known(peer: PeerAddress, route: Uint8Array): Kept | undefined {
    if (this.offline.has(peer.key[0] ?? 0)) return undefined;
    return this.queues.get(`${bytesToHex(peer.key)} ${bytesToHex(route)}`);
  }

  agent(): FakeAgent {
    const agent = new FakeAgent(this);
    this.agents.push(agent);
    return agent;
  }

  /** One round of every agent that runs; true when something moved. */
  async round(): Promise<boolean> {
    let moved = false;
    for (const agent of this.agents) moved = (await agent.work()) || moved;
    return moved;
  }
}

/** A peer's word that it has everything below `next`, and nothing any more to show. */
export function aheadClaim(next: number): AheadClaim {
  return { next, lastTag: undefined, retentionMs };
}

export function relayAddress(number: number): PeerAddress {
  const key = new Uint8Array(32).fill(number) as TransportKey;
  return { key, endpoint: { host: '127.0.0.1', port: 4_000 + number } };
}

export class FakeAgent implements MailAgent {
  readonly #office: PostOffice;
  readonly #owned = new Map<string, OwnedQueue>();
  readonly #followed = new Map<string, FollowedQueue | IntakeQueue>();
  readonly #told = new Map<string, number>();
  readonly #asked = new Map<string, number>();
  /** By peer and route: everything below stands there as this run said it. */
  readonly #ours = new Map<string, number>();
  readonly #bases = new Map<string, number>();
  #handler: MailHandler | undefined;
  /** False: the device has no network. */
  online = true;
  /** Whether its owned queues get through; what it follows comes all the same. */
  pushes = true;

  constructor(office: PostOffice) {
    this.#office = office;
  }

  start(handler: MailHandler): void {
    this.#handler = handler;
  }

  own(queue: OwnedQueue): void {
    this.#owned.set(bytesToHex(queue.route), queue);
  }

  /** Everybody to whom our queues go. */
  get ownedPeers(): readonly PeerAddress[] {
    return [...this.#owned.values()].flatMap(({ peers }) => peers);
  }

  wake(): void {}

  follow(queue: FollowedQueue): void {
    this.#followed.set(bytesToHex(queue.route), queue);
  }

  keepIntake(queue: IntakeQueue): void {
    this.#followed.set(bytesToHex(queue.route), queue);
    for (const peer of queue.peers) this.#office.queue(peer, queue.route);
  }

  leave(route: Uint8Array): void {
    this.#owned.delete(bytesToHex(route));
    this.#followed.delete(bytesToHex(route));
  }

  /** What the client gave: for what a real agent would report and this one never sees. */
  get handler(): MailHandler {
    if (this.#handler === undefined) throw new Error('not started');
    return this.#handler;
  }

  trim(route: Uint8Array, upTo: number): void {
    this.#bases.set(bytesToHex(route), upTo);
    const queue = this.#owned.get(bytesToHex(route));
    for (const peer of queue?.peers ?? []) {
      const kept = this.#office.known(peer, route);
      if (kept === undefined) continue;
      const gone = Math.min(kept.frames.length, Math.max(0, upTo - kept.first));
      kept.frames.splice(0, gone);
      kept.first += gone;
    }
  }

  async readOnce(
    queue: Parameters<MailAgent['readOnce']>[0],
    peers: readonly PeerAddress[],
  ): ReturnType<MailAgent['readOnce']> {
    if (!this.online) return { kind: 'unreachable' };
    for (const peer of peers) {
      const kept = this.#office.known(peer, queue.route);
      if (kept !== undefined) return { kind: 'read', first: kept.first, frames: [...kept.frames] };
    }
    return { kind: 'unreachable' };
  }

  async submit(frame: Uint8Array, peers: readonly PeerAddress[]): ReturnType<MailAgent['submit']> {
    const { route } = unwrap(decodeIntake(frame));
    for (const peer of peers) {
      const kept = this.online ? this.#office.known(peer, route) : undefined;
      if (kept === undefined) continue;
      kept.frames.push(frame);
      this.#office.onFrame(frame);
      return { kind: 'stored', expiresMs: 0 };
    }
    return { kind: 'unreachable' };
  }

  /** These relays know of no tokens. */
  async submitWithToken(): ReturnType<MailAgent['submitWithToken']> {
    if (!this.online) return { kind: 'unreachable' };
    return { kind: 'refused', refusal: { code: 'token', where: 'mail.submit', rule: 'no tokens here' } };
  }

  async lookUp(): ReturnType<MailAgent['lookUp']> {
    return [];
  }

  async publish(): ReturnType<MailAgent['publish']> {
    return [];
  }

  accept(): void {}

  async meet(peer: PeerAddress): ReturnType<MailAgent['meet']> {
    const number = peer.key[0] ?? 0;
    if (!this.online || number >= 100 || this.#office.offline.has(number)) return undefined;
    return { rttMs: 20, loadPercent: 0, queues: 0, keepsMail: true };
  }

  peers(): [] {
    return [];
  }

  async stop(): Promise<void> {
    this.#handler = undefined;
  }

  async work(): Promise<boolean> {
    if (this.#handler === undefined || !this.online) return false;
    let moved = false;
    for (const queue of this.pushes ? this.#owned.values() : []) moved = (await this.#push(queue)) || moved;
    for (const queue of this.#followed.values()) moved = (await this.#pull(queue)) || moved;
    return moved;
  }

  async #push(queue: OwnedQueue): Promise<boolean> {
    let moved = false;
    for (const peer of queue.peers) {
      if ((peer.key[0] ?? 0) >= 100) continue;
      const kept = this.#office.queue(peer, queue.route, queue.base);
      if (kept === undefined || this.#handler === undefined) continue;
      const name = `${bytesToHex(peer.key)} ${bytesToHex(queue.route)}`;
      if (!(await this.#isOurs(queue, peer, kept))) continue;
      // As a relay does with an owner that opens behind what it has (spec/mail.md, "Open").
      if (kept.first + kept.frames.length < queue.base)
        Object.assign(kept, { first: queue.base, frames: [] });
      const frames = this.#handler.framesToSend(queue.route, kept.first + kept.frames.length, 1_000);
      for (const frame of frames) this.#office.onFrame(frame);
      kept.frames.push(...frames);
      const next = kept.first + kept.frames.length;
      this.#ours.set(name, next);
      if (this.#told.get(name) === next) continue;
      this.#told.set(name, next);
      moved = true;
      await this.#handler.acknowledged(queue.route, peer, next);
    }
    return moved;
  }

  /** Whether what stands there and did not come from this run is ours; asked once for each end. */
  async #isOurs(queue: OwnedQueue, peer: PeerAddress, kept: Kept): Promise<boolean> {
    const { handler } = this;
    const name = `${bytesToHex(peer.key)} ${bytesToHex(queue.route)}`;
    const next = kept.first + kept.frames.length;
    const base = this.#bases.get(bytesToHex(queue.route)) ?? queue.base;
    if (next <= Math.max(base, this.#ours.get(name) ?? 0)) return true;
    const last = kept.frames.at(-1);
    const sealed = handler.framesToSend(queue.route, next - 1, 1)[0];
    if (last !== undefined && sealed !== undefined && bytesEqual(frameTag(last), frameTag(sealed)))
      return true;
    if (this.#asked.get(name) === next) return false;
    this.#asked.set(name, next);
    const claim = { next, lastTag: last && frameTag(last), retentionMs };
    return handler.ahead(queue.route, peer, claim).then(
      () => this.#owned.has(bytesToHex(queue.route)),
      () => {
        // Again with the next round, as an agent does after a while.
        this.#asked.delete(name);
        return false;
      },
    );
  }

  async #pull(queue: FollowedQueue | IntakeQueue): Promise<boolean> {
    const name = bytesToHex(queue.route);
    for (const peer of queue.peers) {
      const kept = this.#office.known(peer, queue.route);
      const now = this.#followed.get(name);
      if (kept === undefined || now === undefined || this.#handler === undefined) continue;
      if (kept.first + kept.frames.length <= now.from) continue;
      if ('ownerSeed' in now) {
        for (let at = now.from; at < kept.first + kept.frames.length; at += 1) {
          const frame = kept.frames[at - kept.first];
          if (frame !== undefined) await this.#handler.intake(queue.route, at, frame);
        }
        this.#advance(name, kept.first + kept.frames.length);
        return true;
      }
      const from = Math.max(now.from, kept.first);
      if (from > now.from) await this.#handler.missing(queue.route, from);
      const next = await this.#handler.received(
        queue.route,
        from,
        kept.frames.slice(from - kept.first),
        peer,
      );
      this.#advance(name, next);
      // What does not open is asked of the next one.
      if (next > now.from) return true;
    }
    return false;
  }

  #advance(name: string, from: number): void {
    const queue = this.#followed.get(name);
    if (queue !== undefined) this.#followed.set(name, { ...queue, from });
  }
}
