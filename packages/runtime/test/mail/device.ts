/** A device for tests of the agent: a naive client that keeps what a real one would keep on disk, and checks every promise. */
import { createPrimitives } from '@mycelium/node';
import {
  bytesEqual,
  frameTag,
  routeKey,
  routeOf,
  type PeerAddress,
  type Refusal,
  type Route,
} from '@mycelium/protocol';
import {
  createMailAgent,
  type AheadClaim,
  type FollowedQueue,
  type LastTaken,
  type MailAgent,
  type MailAgentLimits,
  type MailHandler,
  type OwnedQueue,
  type ServingBackend,
  type Transport,
} from '@mycelium/runtime';
import {
  createSeededRandomness,
  createVirtualClock,
  SimulatedNetwork,
  type PathConditions,
  type SimulatedNode,
} from '@mycelium/simulation';

export const primitives = createPrimitives();

export function createWorld(seed: string, conditions: Partial<PathConditions> = {}): SimulatedNetwork {
  const network = new SimulatedNetwork(createVirtualClock(), createSeededRandomness(seed));
  network.setConditions(conditions);
  return network;
}

/** The two seeds of a queue and what follows from them. */
export function queueKeys(name: string) {
  const random = createSeededRandomness(`queue ${name}`);
  const [readerSeed, ownerSeed] = [random.bytes(32), random.bytes(32)];
  const ownerPublicKey = primitives.ed25519PublicKey(ownerSeed);
  const route = routeOf(primitives, primitives.ed25519PublicKey(readerSeed), ownerPublicKey);
  return { route, readerSeed, ownerSeed, ownerPublicKey };
}

export type QueueSecrets = ReturnType<typeof queueKeys>;

/** A short frame of a queue: its number is in its generation and its content. */
export function mailFrame(route: Route, number: number, bytes: 128 | 512 | 2048 | 4096 = 128): Uint8Array {
  const frame = new Uint8Array(bytes).fill(number & 0xff, 32);
  const type = { 128: 1, 512: 2, 2048: 3, 4096: 4 }[bytes];
  frame.set([type, 1, (bytes - 4) & 0xff, (bytes - 4) >> 8]);
  frame.set(route, 4);
  new DataView(frame.buffer).setUint32(20, number, true);
  new DataView(frame.buffer).setUint32(32, number, true);
  // Where a real one has its tag, which is never zero.
  new DataView(frame.buffer).setUint32(bytes - 8, number + 1, true);
  return frame;
}

interface Outgoing {
  queue: OwnedQueue;
  readonly frames: Uint8Array[];
  /** By peer name. */
  readonly acknowledged: Map<string, number>;
}

interface Incoming {
  queue: FollowedQueue;
  /** By index; a hole was reported as missing. */
  readonly frames: (Uint8Array | undefined)[];
  next: number;
}

export class Device implements MailHandler {
  readonly node: SimulatedNode;
  readonly outgoing = new Map<string, Outgoing>();
  readonly incoming = new Map<string, Incoming>();
  readonly intakes: Uint8Array[] = [];
  readonly refusals: { readonly peer: PeerAddress; readonly refusal: Refusal }[] = [];
  readonly aheads: number[] = [];
  readonly missed: number[] = [];
  /** Promises of the agent that did not hold. */
  readonly broken: string[] = [];
  agent!: MailAgent;
  relay: ServingBackend | undefined;
  limits: Partial<MailAgentLimits> = {};
  /** Bytes that came over links we dialled, and bytes of frames that are on disk. */
  bytesIn = 0;
  bytesKept = 0;
  /** While true every write fails. */
  diskFull = false;
  /** How long each write takes. */
  diskMs = 0;
  /** True for frames that do not open: an index below which nothing is accepted from then on. */
  accepts: (frame: Uint8Array, index: number) => boolean = () => true;
  #busyRoutes = new Set<string>();

  constructor(node: SimulatedNode) {
    this.node = node;
  }

  get address(): PeerAddress {
    return this.node.address;
  }

  async start(): Promise<void> {
    const { transport, clock, randomness } = this.node.life;
    const counted = { ...transport, dialPath: this.#countingDial(transport) };
    const wish = { transport: counted, clock, randomness, primitives, limits: this.limits };
    this.agent = createMailAgent(this.relay === undefined ? wish : { ...wish, relay: this.relay });
    this.agent.start(this);
    await transport.listen((link) => this.agent.accept(link));
    for (const { queue } of this.outgoing.values()) this.agent.own(queue);
    for (const { queue, next } of this.incoming.values()) this.agent.follow({ ...queue, from: next });
  }

  crash(silently = false): void {
    this.node.crash(silently);
  }

  async restart(): Promise<void> {
    this.node.restart();
    this.#busyRoutes = new Set();
    await this.start();
  }

  own(keys: QueueSecrets, peers: readonly PeerAddress[]): void {
    const known = this.outgoing.get(routeKey(keys.route));
    const queue: OwnedQueue = {
      ...keys,
      peers,
      base: known?.queue.base ?? 0,
      next: known?.frames.length ?? 0,
    };
    const frames = known?.frames ?? [];
    this.outgoing.set(routeKey(keys.route), {
      queue,
      frames,
      acknowledged: known?.acknowledged ?? new Map(),
    });
    this.agent.own(queue);
  }

  send(route: Route, count = 1, bytes: 128 | 512 | 2048 | 4096 = 128): void {
    const outgoing = this.outgoing.get(routeKey(route))!;
    for (let sent = 0; sent < count; sent += 1) {
      outgoing.frames.push(mailFrame(route, outgoing.frames.length, bytes));
    }
    outgoing.queue = { ...outgoing.queue, next: outgoing.frames.length };
    if (this.node.alive) this.agent.wake(route, outgoing.frames.length);
  }

  follow(keys: QueueSecrets, peers: readonly PeerAddress[]): void {
    const known = this.incoming.get(routeKey(keys.route));
    const queue = {
      route: keys.route,
      readerSeed: keys.readerSeed,
      ownerPublicKey: keys.ownerPublicKey,
      peers,
      from: 0,
    };
    this.incoming.set(routeKey(keys.route), { queue, frames: known?.frames ?? [], next: known?.next ?? 0 });
    this.agent.follow({ ...queue, from: known?.next ?? 0 });
  }

  received_(route: Route): readonly (Uint8Array | undefined)[] {
    return this.incoming.get(routeKey(route))?.frames ?? [];
  }

  has(route: Route): number {
    return this.incoming.get(routeKey(route))?.next ?? 0;
  }

  acknowledgedBy(route: Route, peer: { readonly address: PeerAddress }): number {
    return this.outgoing.get(routeKey(route))?.acknowledged.get(nameOf(peer.address)) ?? 0;
  }

  // What the agent calls.

  framesToSend(route: Route, from: number, framesMax: number): readonly Uint8Array[] {
    const outgoing = this.outgoing.get(routeKey(route))!;
    if (from < outgoing.queue.base) this.broken.push(`asked for ${from}, below the base`);
    return outgoing.frames.slice(from, from + framesMax);
  }

  async acknowledged(route: Route, peer: PeerAddress, next: number): Promise<void> {
    await this.#write();
    const outgoing = this.outgoing.get(routeKey(route))!;
    if (next > outgoing.frames.length) this.broken.push(`acknowledged ${next}, which was never sent`);
    outgoing.acknowledged.set(nameOf(peer), next);
  }

  /** Not believed. */
  ahead(_route: Route, _peer: PeerAddress, claim: AheadClaim): Promise<void> {
    this.aheads.push(claim.next);
    return Promise.reject(new Error('unproven'));
  }

  lastTaken(route: Route): LastTaken | undefined {
    const taken = this.incoming.get(routeKey(route));
    const last = taken?.frames.at(-1);
    return taken === undefined || last === undefined ? undefined : { next: taken.next, tag: frameTag(last) };
  }

  received(route: Route, firstIndex: number, frames: readonly Uint8Array[]): Promise<number> {
    return this.#alone(route, (incoming) => {
      if (firstIndex !== incoming.next)
        this.broken.push(`received ${firstIndex} and wanted ${incoming.next}`);
      for (const [at, frame] of frames.entries()) {
        if (!this.accepts(frame, firstIndex + at)) break;
        incoming.frames[incoming.next] = frame.slice();
        incoming.next += 1;
        this.bytesKept += frame.length;
      }
      return incoming.next;
    });
  }

  missing(route: Route, first: number): Promise<number> {
    return this.#alone(route, (incoming) => {
      if (first <= incoming.next) this.broken.push(`missing below ${first}, which was there`);
      this.missed.push(first - incoming.next);
      incoming.next = first;
      return first;
    });
  }

  async intake(_route: Route, _index: number, frame: Uint8Array): Promise<void> {
    await this.#write();
    this.intakes.push(frame.slice());
  }

  refused(_route: Route | undefined, peer: PeerAddress, refusal: Refusal): void {
    this.refusals.push({ peer, refusal });
  }

  peersChanged(): void {
    // Nothing is kept of it.
  }

  async #alone(route: Route, change: (incoming: Incoming) => number): Promise<number> {
    const key = routeKey(route);
    if (this.#busyRoutes.has(key)) this.broken.push('two calls for one route at once');
    const busy = this.#busyRoutes.add(key);
    try {
      await this.#write();
      return change(this.incoming.get(key)!);
    } finally {
      busy.delete(key);
    }
  }

  #countingDial(transport: Transport): Transport['dialPath'] {
    return async (path, signal) => {
      const link = await transport.dialPath(path, signal);
      const onBytes = link.onBytes.bind(link);
      link.onBytes = (receive) =>
        onBytes((bytes) => {
          this.bytesIn += bytes.length;
          receive(bytes);
        });
      return link;
    };
  }

  async #write(): Promise<void> {
    const { clock } = this.node.life;
    if (this.diskMs > 0) await new Promise<void>((resolve) => clock.after(this.diskMs, resolve));
    else await Promise.resolve();
    if (this.diskFull) throw new Error('the disk is full');
  }
}

function nameOf(peer: PeerAddress): string {
  return peer.endpoint?.host ?? 'unknown';
}

/** What the reader has is what the owner wrote: nothing lost, nothing twice, in order. */
export function expectSame(owner: Device, reader: Device, route: Route): void {
  const sent = owner.outgoing.get(routeKey(route))!.frames;
  const got = reader.received_(route);
  if (owner.broken.length + reader.broken.length > 0) {
    throw new Error([...owner.broken, ...reader.broken].join('; '));
  }
  if (got.length !== sent.length) throw new Error(`has ${got.length} of ${sent.length} frames`);
  for (const [at, frame] of sent.entries()) {
    if (!bytesEqual(frame, got[at] ?? new Uint8Array(0))) throw new Error(`frame ${at} is another`);
  }
}
