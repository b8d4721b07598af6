/** A relay on a simulated machine: the relay host over a store in memory that outlives the machine's crashes. */
import { createPrimitives } from '@mycelium/node';
import { createRelayHost, serveLink, usualServerLimits, type RelayHost } from '@mycelium/runtime';
import { createMemoryQueueStore, type MemoryQueueStore, type SimulatedNode } from '@mycelium/simulation';
import { lyingLink, type Tongue } from './lying-link.ts';

const primitives = createPrimitives();
const storeLimits = {
  retentionMs: 30 * 86_400_000,
  framesPerQueueMax: 100_000,
  queuesMax: 1_000,
  bytesMax: 1e9,
};

export class TestRelay {
  readonly node: SimulatedNode;
  store: MemoryQueueStore;
  replicatedOnly = false;
  /** How it lies, from the next start on. */
  tongue: Tongue | undefined;

  constructor(node: SimulatedNode) {
    this.node = node;
    this.store = this.#emptyStore();
  }

  #emptyStore(): MemoryQueueStore {
    return createMemoryQueueStore({ clock: this.node.life.clock, limits: storeLimits });
  }

  host(): RelayHost {
    const { clock } = this.node.life;
    return createRelayHost({ store: this.store, storeLimits, clock, primitives });
  }

  async start(): Promise<void> {
    const { transport, clock, randomness } = this.node.life;
    const backend = this.host();
    const limits = { ...backend.serverLimits(usualServerLimits), replicatedOnly: this.replicatedOnly };
    const serving = { transport, clock, randomness, primitives, limits, backend };
    const { tongue } = this;
    await transport.listen((link) => {
      const spoken = tongue === undefined ? link : lyingLink(link, tongue);
      serveLink(serving, spoken, () => undefined);
    });
  }

  crash(): void {
    this.node.crash();
    this.store = this.store.crash();
  }

  async restart(): Promise<void> {
    this.node.restart();
    await this.start();
  }

  loseDisk(): void {
    this.store = this.#emptyStore();
  }
}
