/**
 * A node: the data folder held, keys and store opened, the roles started, the API's socket last. What was started is
 * stopped in the opposite order, also when a later step fails.
 */
import { openClientStore, systemRandomness, createPrimitives } from '@mycelium/node';
import type { NodeStatus } from '@mycelium/api';
import type { Client } from '@mycelium/client';
import type { NodeWish, RunningNode } from '../commands/command.ts';
import { openApiSocket } from './api-socket.ts';
import { holdDataFolder, type HeldFolder } from './data-folder-lock.ts';
import { createHandlers, explainError } from './handlers.ts';
import { anonymousError, type Log } from './log.ts';
import { startNetwork, type Network } from './network.ts';
import { openStoreKey } from './store-key.ts';
import { Teardown } from './teardown.ts';
import { startUser, type ClientMaker } from './user-role.ts';

export interface NodeParts {
  readonly log: Log;
  readonly version: string;
  /** Makes the client for the role user, on what was opened. */
  readonly client: (network: Network | undefined) => ClientMaker;
}

export async function startNode(wish: NodeWish, parts: NodeParts): Promise<RunningNode> {
  const { log } = parts;
  const teardown = new Teardown((error) => log.error('stop', anonymousError(error)));
  if (process.platform !== 'win32') process.umask(0o077);
  try {
    const held = holdDataFolder(wish.data);
    teardown.add(() => held.release());
    const network = wish.offline === true ? undefined : await startNetwork(wish, held.files, log);
    if (network !== undefined) teardown.add(() => network.stop());
    const client = await startClient({ wish, held, network, parts, teardown });

    const stopped = Promise.withResolvers<undefined>();
    let stopping: Promise<void> | undefined;
    const stop = (): Promise<void> =>
      (stopping ??= teardown.run().then(() => {
        log.info('node', 'stopped');
        stopped.resolve(undefined);
      }));
    const socket = await openApiSocket(held.files, {
      version: parts.version,
      handlers: createHandlers({
        client,
        relays: wish.relays,
        status: () => nodeStatus(wish, parts, network, client),
        stop: () => setImmediate(() => void stop()),
      }),
      subscribe: (since, listen) => client?.subscribe(since, listen) ?? (() => undefined),
      explain: explainError(log),
    });
    teardown.add(() => socket.close());
    if (client !== undefined && network !== undefined) void connectClient(client, wish, log);
    log.info('node', `runs with ${wish.roles.join(', ')}`);
    return {
      addresses: network?.addresses() ?? [],
      api: socket.endpoint,
      hasAccount: client?.account() !== undefined,
      stop,
      stopped: stopped.promise,
    };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

interface ClientStart {
  readonly wish: NodeWish;
  readonly held: HeldFolder;
  readonly network: Network | undefined;
  readonly parts: NodeParts;
  readonly teardown: Teardown;
}

async function startClient({
  wish,
  held,
  network,
  parts,
  teardown,
}: ClientStart): Promise<Client | undefined> {
  if (!wish.roles.includes('user')) return undefined;
  const primitives = createPrimitives();
  const key = openStoreKey(held.files.storeKey, wish.passphrase, {
    primitives,
    randomness: systemRandomness,
  });
  const store = openClientStore({ file: held.files.store, key });
  primitives.wipe(key);
  try {
    const user = await startUser(store, parts.client(network));
    teardown.add(() => user.stop());
    return user.client;
  } catch (error) {
    store.close();
    throw error;
  }
}

/** In the background: the node is ready when it answers, not when others do. */
async function connectClient(client: Client, wish: NodeWish, log: Log): Promise<void> {
  try {
    if (wish.relays.length > 0 && client.account() !== undefined) await client.setRelays(wish.relays);
    await client.start();
  } catch (error) {
    log.error('user', `could not start: ${anonymousError(error)}`);
  }
}

async function nodeStatus(
  wish: NodeWish,
  parts: NodeParts,
  network: Network | undefined,
  client: Client | undefined,
): Promise<NodeStatus> {
  const status = client?.status();
  return {
    version: parts.version,
    pid: process.pid,
    roles: wish.roles,
    addresses: network?.addresses() ?? [],
    data: wish.data,
    account: status?.account,
    peers: status?.peers ?? [],
    directoryNodes: status?.directoryNodes ?? network?.directoryNodes() ?? 0,
    published: status?.published ?? { note: '' },
    queued: status?.queued ?? 0,
    contacts: status?.contacts ?? 0,
    relay: await network?.relayStatus(),
  };
}
