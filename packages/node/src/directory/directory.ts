/**
 * The directory over hyperdht (spec/directory-node.md): `DirectoryNetwork` for whoever asks, and for the role
 * `directory` a node that answers, keeps what it holds in a file, and hands it over when it goes.
 */
import { ClaimTable, type Primitives } from '@mycelium/protocol';
import {
  handOver,
  Seeker,
  type Cancellation,
  type ClaimHolder,
  type Clock,
  type DirectoryNetwork,
  type DirectoryNodes,
  type Published,
} from '@mycelium/runtime';
import type { HyperDht } from '../declarations/hyperdht.ts';
import { readClaimFile, writeClaimFile } from './claim-file.ts';
import { ClaimPlugin } from './claim-plugin.ts';
import { dhtNodes } from './dht-nodes.ts';

export interface DirectoryWish {
  readonly dht: HyperDht;
  readonly primitives: Primitives;
  readonly clock: Clock;
  /** Of a directory node: the file that keeps what it holds. Left out: this is a client. */
  readonly file?: string;
}

export interface Directory extends DirectoryNetwork {
  /** Records held here; 0 for a client. */
  recordsHeld(): number;
  /** Hands over what it holds, for at most two seconds, and writes the file. The dht is the transport's to end. */
  stop(): Promise<void>;
}

const writeEveryMs = 300_000;
const handOverMs = 2_000;

/** Resolves when a directory node has taken back what its file holds. */
export async function startDirectory(wish: DirectoryWish): Promise<Directory> {
  if (wish.file === undefined) return new HyperDirectory(wish, undefined);
  const holder = { table: new ClaimTable(wish.primitives), clock: wish.clock };
  await readClaimFile(wish.file, holder.table, wish.clock.nowMs());
  return new HyperDirectory(wish, holder);
}

class HyperDirectory implements Directory {
  readonly #wish: DirectoryWish;
  readonly #holder: ClaimHolder | undefined;
  readonly #nodes: DirectoryNodes;
  readonly #seeker: Seeker;
  #stopping: Promise<void> | undefined;
  #cancelWrite: () => void = () => undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(wish: DirectoryWish, holder: ClaimHolder | undefined) {
    this.#wish = wish;
    this.#holder = holder;
    this.#nodes = dhtNodes(wish.dht, new ClaimPlugin(wish.dht, holder));
    this.#seeker = new Seeker({ ...wish, nodes: this.#nodes, holder });
    if (holder !== undefined) this.#writeLater();
  }

  nodesKnown(): number {
    const { dht } = this.#wish;
    return dht.destroyed || !this.#seeker.answering ? 0 : dht.toArray().length;
  }

  recordsHeld(): number {
    return this.#holder?.table.size ?? 0;
  }

  publish(locator: Uint8Array, record: Uint8Array): Promise<Published> {
    return this.#seeker.publish(locator, record);
  }

  lookUp(locator: Uint8Array, signal?: Cancellation): Promise<readonly Uint8Array[]> {
    return this.#seeker.lookUp(locator, signal);
  }

  #writeLater(): void {
    this.#cancelWrite = this.#wish.clock.after(writeEveryMs, () => {
      this.#writing = this.#write().catch(() => undefined);
      this.#writeLater();
    });
  }

  async #write(): Promise<void> {
    const { file, clock } = this.#wish;
    if (file === undefined || this.#holder === undefined) return;
    this.#holder.table.expire(clock.nowMs());
    await writeClaimFile(file, this.#holder.table, clock.nowMs());
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<void> {
    this.#seeker.stop();
    this.#cancelWrite();
    await this.#writing;
    // The file first: it must be there whatever happens while others are told.
    await this.#write();
    const { clock } = this.#wish;
    if (this.#holder === undefined) return;
    await handOver({ nodes: this.#nodes, table: this.#holder.table, clock, limitMs: handOverMs });
  }
}
