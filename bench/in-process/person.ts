/** Whole clients in one process, on real stores and real cryptography; only the recovery phrase is derived cheaply. */
import { createClient, type Client } from '@mycelium/client';
import { createKeyAgreement } from '@mycelium/mls';
import {
  createMlsPlatform,
  createPrimitives,
  openClientStore,
  systemClock,
  systemRandomness,
} from '@mycelium/node';
import { formatPeerAddress, type Primitives, type TransportKey } from '@mycelium/protocol';
import type { ClientStore } from '@mycelium/runtime';
import { Post } from './post.ts';

export const primitives: Primitives = {
  ...createPrimitives(),
  // The real one takes 64 MiB and a tenth of a second for each account.
  argon2id: (password, salt, ...[, , length]) =>
    createPrimitives().hkdf(password, salt, new Uint8Array(), length),
};

const agreement = createKeyAgreement({
  primitives,
  randomness: systemRandomness,
  platform: createMlsPlatform(),
});

export function createPost(): Post {
  const key = new Uint8Array(32).fill(1) as TransportKey;
  return new Post({ key, endpoint: { host: '127.0.0.1', port: 4_001 } });
}

export interface Person {
  readonly client: Client;
  readonly store: ClientStore;
  readonly end: () => Promise<void>;
}

export async function startPerson(post: Post, address: string, store: ClientStore): Promise<Person> {
  const mail = post.agent();
  const client = createClient({
    store,
    mail,
    directory: {
      publish: () => Promise.resolve({ accepted: 1, refused: [] }),
      lookUp: () => Promise.resolve([]),
      nodesKnown: () => 1,
    },
    agreement,
    primitives,
    clock: systemClock,
    randomness: systemRandomness,
    ownAddresses: () => [],
    isRelay: false,
    intakeDifficulty: 1,
  });
  if (client.account() === undefined) await client.createAccount({ address });
  await client.setRelays([formatPeerAddress(post.relay)]);
  await client.start();
  const end = async (): Promise<void> => {
    await client.stop();
    await mail.stop();
    store.close();
  };
  return { client, store, end };
}

export function openStore(file: string): ClientStore {
  return openClientStore({ file, key: new Uint8Array(32).fill(7) });
}

/** They become contacts by an invite link; resolves when both have accepted. */
export async function meet(one: Person, other: Person): Promise<void> {
  const { link } = await one.client.invite({});
  const accepted = new Promise<void>((resolve) => {
    const stop = one.client.subscribe(undefined, (event) => {
      if (event.event !== 'contact' || event.state !== 'accepted') return;
      stop();
      resolve();
    });
  });
  await other.client.acceptInvite(link);
  await accepted;
}
