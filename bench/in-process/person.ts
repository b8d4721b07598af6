/** Whole clients in one process, on real stores and real cryptography; only the recovery phrase is derived cheaply. */
import { createClient, type Client } from '@mycelium/client';
import { createKeyAgreement } from '@mycelium/mls';
import { createMlsPlatform, createPrimitives, systemClock, systemRandomness } from '@mycelium/node';
import { formatPeerAddress, type PeerAddress, type Primitives, type TransportKey } from '@mycelium/protocol';
import type { ClientStore, MailAgent } from '@mycelium/runtime';

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

/** Where nobody is. */
export const noRelay: PeerAddress = {
  key: new Uint8Array(32).fill(1) as TransportKey,
  endpoint: { host: '127.0.0.1', port: 4_001 },
};

export interface Person {
  readonly client: Client;
  readonly store: ClientStore;
  /** Goes away; the store stays as it is. */
  readonly leave: () => Promise<void>;
  readonly end: () => Promise<void>;
}

export interface PersonWish {
  readonly address: string;
  readonly store: ClientStore;
  readonly mail: MailAgent;
  readonly relay: PeerAddress;
}

export async function startPerson({ address, store, mail, relay }: PersonWish): Promise<Person> {
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
  await client.setRelays([formatPeerAddress(relay)]);
  await client.start();
  const leave = async (): Promise<void> => {
    await client.stop();
    await mail.stop();
  };
  const end = async (): Promise<void> => {
    await leave();
    store.close();
  };
  return { client, store, leave, end };
}

/** They become contacts by an invite link; resolves when both know that both have accepted. */
export async function meet(one: Person, other: Person): Promise<void> {
  const { link } = await one.client.invite({});
  const both = Promise.all([accepted(one, other), accepted(other, one)]);
  await other.client.acceptInvite(link);
  await both;
}

function accepted({ client }: Person, by: Person): Promise<void> {
  const address = by.client.account()?.address;
  return new Promise((resolve) => {
    const stop = client.subscribe(undefined, (event) => {
      if (event.event !== 'contact' || event.state !== 'accepted' || event.address !== address) return;
      stop();
      resolve();
    });
  });
}
