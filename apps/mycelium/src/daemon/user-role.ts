/** The role user: the encrypted store and the client on it. */
import { existsSync } from 'node:fs';
import type { Client } from '@mycelium/client';
import { openClientStore, systemRandomness } from '@mycelium/node';
import type { PeerAddress, Primitives } from '@mycelium/protocol';
import type { ClientStore, DirectoryNetwork, DomainRecords, MailAgent } from '@mycelium/runtime';
import type { NodeWish } from '../commands/command.ts';
import type { DataFiles } from '../data-folder.ts';
import { FailedError } from '../failures.ts';
import { anonymousError, type Log } from './log.ts';
import type { Network } from './network.ts';
import { custodyOf, openStoreKey } from './store-key.ts';
import type { Teardown } from './teardown.ts';

/** What a client is made on; the rest is the same for each. */
export interface ClientSurroundings {
  readonly store: ClientStore;
  readonly mail: MailAgent;
  readonly directory: DirectoryNetwork;
  readonly domains: DomainRecords | undefined;
  readonly primitives: Primitives;
  readonly isRelay: boolean;
  ownAddresses(): readonly PeerAddress[];
  note(sentence: string): void;
}

export type ClientMaker = (surroundings: ClientSurroundings) => Client | Promise<Client>;

export interface UserWish {
  readonly wish: NodeWish;
  readonly files: DataFiles;
  readonly primitives: Primitives;
  readonly network: Network | undefined;
  readonly domains: DomainRecords | undefined;
  readonly log: Log;
  readonly teardown: Teardown;
}

export async function openUser(user: UserWish, createClient: ClientMaker): Promise<Client> {
  const { wish, files, primitives, network, domains, log, teardown } = user;
  if (existsSync(files.store) && custodyOf(files.storeKey) === 'none') {
    throw new FailedError(
      'store-key',
      `${files.storeKey} is missing, and without it ${files.store} cannot be opened. Put back a copy.`,
    );
  }
  const key = openStoreKey(files.storeKey, wish.passphrase, { primitives, randomness: systemRandomness });
  const store = openClientStore({ file: files.store, key });
  primitives.wipe(key);
  teardown.add(() => store.close());
  const client = await createClient({
    store,
    primitives,
    mail: network?.mail ?? noMail,
    directory: network?.directory ?? noDirectory,
    domains,
    isRelay: wish.roles.includes('relay'),
    ownAddresses: () => network?.addresses() ?? [],
    note: (sentence) => log.info('user', sentence),
  });
  // Stopped last to first: the client, then the agent, whose handlers still read the store, then the store.
  teardown.add(() => network?.mail?.stop());
  teardown.add(() => client.stop());
  return client;
}

/** Without a network, for the moment of `init`: what the client declares now it declares again at its next start. */
const noMail: MailAgent = {
  start: () => undefined,
  accept: (link) => link.close(),
  own: () => undefined,
  wake: () => undefined,
  follow: () => undefined,
  keepIntake: () => undefined,
  leave: () => undefined,
  trim: () => undefined,
  readOnce: () => Promise.resolve({ kind: 'unreachable' }),
  submit: () => Promise.resolve({ kind: 'unreachable' }),
  submitWithToken: () => Promise.resolve({ kind: 'unreachable' }),
  lookUp: () => Promise.resolve([]),
  publish: () => Promise.resolve([]),
  meet: () => Promise.resolve(undefined),
  peers: () => [],
  stop: () => Promise.resolve(),
};

const noDirectory: DirectoryNetwork = {
  publish: () => Promise.resolve({ accepted: 0, refused: [] }),
  lookUp: () => Promise.resolve([]),
  nodesKnown: () => 0,
};

/** `offered`: relays that a domain named which the person named. */
export async function connectUser(
  client: Client,
  network: Network,
  { wish, offered, log }: { readonly wish: NodeWish; readonly offered: readonly string[]; readonly log: Log },
): Promise<void> {
  try {
    const started = client.start();
    network.mailStarted();
    await started;
    network.onMoved(() => void client.moved().catch(() => undefined));
    if (client.account() === undefined) return;
    await client.offerRelays([...wish.bootstrap.filter((address) => address.includes('@')), ...offered]);
    if (wish.relays.length > 0) await client.setRelays(wish.relays);
  } catch (error) {
    log.error('user', `could not start: ${anonymousError(error)}`);
  }
}
