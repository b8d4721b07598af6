/**
 * A member's connection to a relay, as thin as it can be so that the relay is what is measured: frames are made ahead and
 * sealed by nobody, answers are counted and checked for order, everything else is the real protocol over a real link.
 */
import type { NodeTransport } from '@mycelium/node';
import {
  concatBytes,
  controlFrameTypes,
  decodeHello,
  decodePush,
  decodeStored,
  encodeHello,
  encodeStatus,
  encodeSubscribe,
  frameSizeAt,
  keepAliveMs,
  noRoute,
  type OpenRole,
  type PeerAddress,
  type Primitives,
  routeOf,
  signOpen,
  unwrap,
} from '@mycelium/protocol';
import type { Link } from '@mycelium/runtime';

export const shortFrame = 128;

/** Keys of queue `number`; the same number is the same queue in every process. */
export function queueKeys(primitives: Primitives, number: number) {
  const seed = (kind: number): Uint8Array => {
    const bytes = new Uint8Array(32).fill(kind);
    new DataView(bytes.buffer).setUint32(0, number);
    return bytes;
  };
  const seeds = { reader: seed(1), owner: seed(2) };
  const readerPublicKey = primitives.ed25519PublicKey(seeds.reader);
  const ownerPublicKey = primitives.ed25519PublicKey(seeds.owner);
  return {
    seeds,
    readerPublicKey,
    ownerPublicKey,
    route: routeOf(primitives, readerPublicKey, ownerPublicKey),
  };
}

export type QueueKeys = ReturnType<typeof queueKeys>;

export class LoadLink {
  readonly #link: Link;
  readonly #primitives: Primitives;
  readonly #greeted: Promise<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);
  #greet: (challenge: Uint8Array) => void = () => undefined;
  #answered: (() => void)[] = [];
  #requests = 0;
  readonly #keepAlive = encodeStatus({ route: noRoute, requestId: new Uint8Array(12).fill(0xff) });
  /** Frames that the relay has said are stored. */
  stored = 0;
  /** Frames that have been pushed to us. */
  pushed = 0;
  onStored: () => void = () => undefined;
  onPushed: () => void = () => undefined;

  private constructor(link: Link, primitives: Primitives) {
    this.#link = link;
    this.#primitives = primitives;
    this.#greeted = new Promise((resolve) => (this.#greet = resolve));
    link.onBytes((bytes) => this.#receive(bytes));
    link.onDrain(() => undefined);
    link.onClose((reason) => {
      if (!process.connected) return; // the benchmark is over
      process.stderr.write(`a link to the relay ended: ${reason}\n`);
      process.exit(1);
    });
    setInterval(() => link.write(this.#keepAlive), keepAliveMs).unref();
    const hello = { versionMin: 1, versionMax: 1, features: 0, challenge: new Uint8Array(32) };
    const promises = { appendFramesPerSecond: 0, retentionSeconds: 0, queueFramesMax: 0 };
    link.write(encodeHello({ ...hello, ...promises }));
  }

  /** Resolves when both sides have said hello. */
  static async open(transport: NodeTransport, relay: PeerAddress, primitives: Primitives): Promise<LoadLink> {
    const link = new LoadLink(await transport.dial(relay, new AbortController().signal), primitives);
    await link.#greeted;
    return link;
  }

  /** Resolves when the queue is open, and subscribed when we are a reader. */
  async openQueue(keys: QueueKeys, role: OpenRole): Promise<void> {
    const { seeds, readerPublicKey, ownerPublicKey, route } = keys;
    const identity = { challenge: await this.#greeted, transportKey: this.#link.remoteKey };
    const request = { role, route, requestId: this.#requestId(), readerPublicKey, ownerPublicKey };
    const open = { ...request, base: 0, intakeDifficulty: undefined };
    await this.#ask(signOpen(this.#primitives, identity, open, seeds[role]));
    if (role === 'reader') await this.#ask(encodeSubscribe({ route, requestId: this.#requestId(), from: 0 }));
  }

  write(bytes: Uint8Array): void {
    this.#link.write(bytes);
  }

  pause(): void {
    this.#link.pause();
  }

  resume(): void {
    this.#link.resume();
  }

  #requestId(): Uint8Array {
    const id = new Uint8Array(12).fill(0xee);
    this.#requests += 1;
    new DataView(id.buffer).setUint32(0, this.#requests);
    return id;
  }

  #ask(request: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#answered.push(resolve);
      this.#link.write(request);
    });
  }

  #receive(chunk: Uint8Array): void {
    const bytes = this.#rest.length > 0 ? concatBytes(this.#rest, chunk) : chunk;
    const [stored, pushed] = [this.stored, this.pushed];
    let at = 0;
    while (bytes.length - at >= 4) {
      const size = frameSizeAt(bytes, at);
      if (bytes.length - at < size) break;
      this.#take(bytes, at, size);
      at += size;
    }
    this.#rest = bytes.slice(at);
    if (this.stored > stored) this.onStored();
    if (this.pushed > pushed) this.onPushed();
  }

  #take(bytes: Uint8Array, at: number, size: number): void {
    const type = bytes[at] ?? 0;
    const frame = (): Uint8Array => bytes.subarray(at, at + size);
    if (type <= 4) this.pushed += 1;
    else if (type === controlFrameTypes.stored) this.#takeStored(bytes, at);
    else if (type === controlFrameTypes.push) this.#takePush(frame());
    else if (type === controlFrameTypes.hello) this.#greet(unwrap(decodeHello(frame())).challenge);
    else if (type === controlFrameTypes.error) throw new Error(`refused with error ${bytes[at + 32] ?? 0}`);
    else if (type !== controlFrameTypes.statusReport) this.#answered.shift()?.();
  }

  #takeStored(bytes: Uint8Array, at: number): void {
    if (this.stored % 1024 === 0) {
      const { index } = unwrap(decodeStored(bytes.subarray(at, at + shortFrame)));
      if (index !== this.stored) throw new Error(`stored ${index} came where ${this.stored} was due`);
    }
    this.stored += 1;
  }

  #takePush(frame: Uint8Array): void {
    const { firstIndex } = unwrap(decodePush(frame));
    if (firstIndex !== this.pushed) throw new Error(`pushed ${firstIndex} where ${this.pushed} was due`);
  }
}

/** Short frames of one queue, as many as one write takes, each with a request id of its own. */
export function frameBatch(route: Uint8Array, count: number): Uint8Array {
  const bytes = new Uint8Array(count * shortFrame).fill(7);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < count; at += 1) {
    bytes.set([1, 1, 124, 0], at * shortFrame);
    bytes.set(route, at * shortFrame + 4);
    view.setUint32(at * shortFrame + 20, at);
  }
  return bytes;
}
