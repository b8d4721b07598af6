/**
 * Clients of a relay by the thousand: each a mail agent of its own, as a device runs it, with a transport key and a queue of its own.
 * Nothing of theirs is kept on a disk.
 */
import { createPrimitives, createTransport, systemClock, systemRandomness } from '@mycelium/node';
import { parsePeerAddress, unwrap, type PeerAddress } from '@mycelium/protocol';
import { createMailAgent, type MailAgent, type MailHandler } from '@mycelium/runtime';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { frameBatch, queueKeys } from '../relay/load-link.ts';
import { answerQuestions } from './child.ts';

export interface ClientsQuestions {
  /** So many clients of the relay, queues counted from `from` on; answered when each has a frame of its queue stored. */
  readonly gather: {
    readonly asked: { readonly relay: string; readonly from: number; readonly count: number };
    readonly answered: null;
  };
  /** Each says one frame more, and the ms until it is stored. */
  readonly say: { readonly asked: null; readonly answered: readonly number[] };
}

/** Who begin at once: below the bound on handshakes that a relay has under way. */
const beginAtOnce = 32;

const primitives = createPrimitives();

class Client implements MailHandler {
  readonly #agent: MailAgent;
  readonly #keys: ReturnType<typeof queueKeys>;
  #next = 0;
  #stored = 0;
  #onStored: () => void = () => undefined;

  constructor(number: number, relay: PeerAddress) {
    this.#keys = queueKeys(primitives, number);
    const transport = createTransport({
      keySeed: randomBytes(32),
      listen: [],
      runtimeFolder: tmpdir(),
      paths: ['tcp'],
    });
    this.#agent = createMailAgent({
      transport,
      clock: systemClock,
      randomness: systemRandomness,
      primitives,
    });
    this.#agent.start(this);
    const { route, seeds, ownerPublicKey } = this.#keys;
    const secrets = { route, readerSeed: seeds.reader, ownerPublicKey, ownerSeed: seeds.owner };
    this.#agent.own({ ...secrets, peers: [relay], base: 0, next: 0 });
  }

  say(): Promise<void> {
    this.#next += 1;
    const all = this.#next;
    this.#agent.wake(this.#keys.route, all);
    return new Promise((resolve) => {
      this.#onStored = () => {
        if (this.#stored >= all) resolve();
      };
      this.#onStored();
    });
  }

  framesToSend(_route: Uint8Array, from: number, framesMax: number): readonly Uint8Array[] {
    const count = Math.min(framesMax, this.#next - from);
    return Array.from({ length: count }, () => frameBatch(this.#keys.route, 1));
  }

  acknowledged(_route: Uint8Array, _peer: PeerAddress, next: number): Promise<void> {
    this.#stored = next;
    this.#onStored();
    return Promise.resolve();
  }

  ahead(): Promise<void> {
    return Promise.reject(new Error('the relay has what nobody said'));
  }

  received(): Promise<number> {
    return Promise.reject(new Error('nothing is followed'));
  }

  missing(): Promise<number> {
    return Promise.reject(new Error('nothing is followed'));
  }

  intake(): Promise<void> {
    return Promise.reject(new Error('there is no intake'));
  }

  lastTaken(): undefined {
    return undefined;
  }

  refused(_route: unknown, _peer: PeerAddress, refusal: object): void {
    process.stderr.write(`the relay refused: ${JSON.stringify(refusal)}\n`);
  }

  peersChanged(): void {
    // Nobody looks.
  }
}

const clients: Client[] = [];

answerQuestions<ClientsQuestions>({
  gather: async ({ relay, from, count }) => {
    const address = unwrap(parsePeerAddress(relay));
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < count) {
        const client = new Client(from + next++, address);
        clients.push(client);
        await client.say();
      }
    };
    await Promise.all(Array.from({ length: Math.min(count, beginAtOnce) }, lane));
    return null;
  },
  say: () =>
    Promise.all(
      clients.map(async (client) => {
        const began = performance.now();
        await client.say();
        return performance.now() - began;
      }),
    ),
});
