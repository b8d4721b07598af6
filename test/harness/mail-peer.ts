/**
 * Somebody who speaks the mail protocol to a relay and nothing else: opens queues, appends frames of zeros, reads them back.
 * For what no client of ours would do, and to see each answer.
 */
import { randomBytes } from 'node:crypto';
import { createPrimitives, createTransport, type NodeTransport } from '../../packages/node/src/index.ts';
import {
  concatBytes,
  emptyMailStream,
  encodeFetch,
  encodeHello,
  parsePeerAddress,
  readMailStream,
  routeOf,
  signOpen,
  type MailItem,
  type Route,
} from '../../packages/protocol/src/index.ts';
import type { Link } from '../../packages/runtime/src/index.ts';
import { patienceMs } from './patience.ts';

const primitives = createPrimitives();

/** What a relay says after its hello, in words: `opened 0-3`, `stored 4`, `push 0+3`, `error rate`. */
export class MailPeer {
  readonly transport: NodeTransport;
  readonly queue: {
    readonly route: Route;
    readonly readerPublicKey: Uint8Array;
    readonly ownerPublicKey: Uint8Array;
  };
  readonly #seeds: { readonly owner: Uint8Array; readonly reader: Uint8Array };
  readonly words: string[] = [];
  readonly #waiting = new Set<() => void>();
  #stream = emptyMailStream;
  #link: Link | undefined;
  #challenge: Uint8Array | undefined;
  #closed: string | undefined;

  constructor(runtimeFolder: string) {
    this.transport = createTransport({ keySeed: randomBytes(32), listen: [], runtimeFolder, paths: ['tcp'] });
    this.#seeds = { owner: randomBytes(32), reader: randomBytes(32) };
    const readerPublicKey = primitives.ed25519PublicKey(this.#seeds.reader);
    const ownerPublicKey = primitives.ed25519PublicKey(this.#seeds.owner);
    const route = routeOf(primitives, readerPublicKey, ownerPublicKey);
    this.queue = { route, readerPublicKey, ownerPublicKey };
  }

  /** Why the link ended; undefined while it is there. */
  get closed(): string | undefined {
    return this.#closed;
  }

  async connect(address: string): Promise<this> {
    const parsed = parsePeerAddress(address);
    if (!parsed.ok) throw new Error(`${address} is no address`);
    const link = await this.transport.dial(parsed.value, new AbortController().signal);
    this.#link = link;
    this.#stream = emptyMailStream;
    this.#closed = undefined;
    this.#challenge = undefined;
    link.onBytes((bytes) => this.#receive(bytes));
    link.onClose((reason) => {
      this.#closed = reason;
      this.#tell();
    });
    link.onDrain(() => undefined);
    const none = { appendFramesPerSecond: 0, retentionSeconds: 0, queueFramesMax: 0 };
    this.send(
      encodeHello({ versionMin: 1, versionMax: 1, features: 0, challenge: randomBytes(32), ...none }),
    );
    await this.until('a hello', () => this.#challenge);
    return this;
  }

  send(...frames: readonly Uint8Array[]): void {
    this.#link?.write(concatBytes(...frames));
  }

  pause(): void {
    this.#link?.pause();
  }

  /** Answers what the relay said to it. */
  async open(role: 'owner' | 'reader', intakeDifficulty?: number): Promise<string> {
    const request = { ...this.queue, requestId: randomBytes(12), role, intakeDifficulty, base: 0 };
    const challenge = this.#challenge ?? new Uint8Array(32);
    const link = this.#link;
    if (link === undefined) throw new Error('not connected');
    const before = this.words.length;
    const seed = this.#seeds[role];
    this.send(signOpen(primitives, { challenge, transportKey: link.remoteKey }, request, seed));
    return this.until('an answer to open', () =>
      this.words.slice(before).find((word) => /^opened|^error/.test(word)),
    );
  }

  /** A frame of 128 bytes with this number in it. */
  frame(number: number): Uint8Array {
    const frame = new Uint8Array(128);
    frame.set([1, 1, 124, 0]);
    frame.set(this.queue.route, 4);
    new DataView(frame.buffer).setUint32(20, number, true);
    return frame;
  }

  append(from: number, to: number): void {
    this.send(...Array.from({ length: to - from }, (_, at) => this.frame(from + at)));
  }

  /** Asks for the frames from an index on, and answers what came: `push 0+3`. */
  async fetch(from: number): Promise<string> {
    const before = this.words.length;
    this.send(encodeFetch({ route: this.queue.route, requestId: randomBytes(12), from, count: 256 }));
    return this.until('an answer to fetch', () =>
      this.words.slice(before).find((word) => /^push|^error/.test(word)),
    );
  }

  until<T>(what: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const attempt = (): void => {
        const found = look();
        if (found === undefined && this.#closed === undefined) return;
        this.#waiting.delete(attempt);
        clearTimeout(timer);
        if (found === undefined)
          reject(new Error(`no ${what}: ${this.#closed}; heard ${this.words.slice(-5).join(', ')}`));
        else resolve(found);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(attempt);
        reject(new Error(`no ${what} in ${patienceMs} ms; heard ${this.words.slice(-5).join(', ')}`));
      }, patienceMs);
      this.#waiting.add(attempt);
      attempt();
    });
  }

  async end(): Promise<void> {
    await this.transport.close();
  }

  #receive(bytes: Uint8Array): void {
    const { stream, items, refusal } = readMailStream(this.#stream, bytes);
    if (refusal !== undefined) throw new Error('the relay sent something that is no frame');
    this.#stream = stream;
    for (const item of items) {
      if (item.kind === 'control' && item.control.kind === 'hello') this.#challenge = item.control.challenge;
      else this.words.push(inWords(item));
    }
    this.#tell();
  }

  #tell(): void {
    for (const attempt of Array.from(this.#waiting)) attempt();
  }
}

function inWords(item: MailItem): string {
  if (item.kind === 'mail') return 'mail';
  if (item.kind === 'push') return `push ${item.push.firstIndex}+${item.frames.length}`;
  const { control } = item;
  if (control.kind === 'error') return `error ${control.name}`;
  if (control.kind === 'stored') return `stored ${control.index}`;
  if (control.kind === 'opened' || control.kind === 'done')
    return `${control.kind} ${control.first}-${control.next}`;
  return control.kind;
}
