/**
 * A node: the data folder held, the roles started, the store opened, the API's socket last. What was started is
 * stopped in the opposite order, also when a later step fails.
 */
import { createPrimitives, systemClock } from '@mycelium/node';
import type { ApiHost, NodeStatus } from '@mycelium/api';
import type { Client } from '@mycelium/client';
import type { NodeWish, RunningNode } from '../commands/command.ts';
import type { DataFiles } from '../data-folder.ts';
import { openApiSocket } from './api-socket.ts';
import { readDomainBootstrap, readDomainPeers } from './domain-bootstrap.ts';
import { createDomainLookup, type DomainLookup } from './domain-lookup.ts';
import { makeApiToken } from './api-token.ts';
import { holdDataFolder } from './data-folder-lock.ts';
import type { Operator } from '../relay/operator.ts';
import { createHandlers, explainError } from './handlers.ts';
import { anonymousError, type Log } from './log.ts';
import { addressTexts, startNetwork, type Network } from './network.ts';
import { Page } from './page.ts';
import { Teardown } from './teardown.ts';
import { growWhenBusy } from './young-heap.ts';
import { connectUser, openUser, type ClientMaker } from './user-role.ts';

export interface NodeParts {
  readonly log: Log;
  readonly version: string;
  readonly createClient: ClientMaker;
  /** What the operator of the role relay has decided. */
  readonly operator: Operator;
}

export async function startNode(wish: NodeWish, parts: NodeParts): Promise<RunningNode> {
  const { log, operator } = parts;
  const teardown = new Teardown((error) => log.error('stop', anonymousError(error)));
  // Whatever is made from here on is its owner's alone.
  if (process.platform !== 'win32') process.umask(0o077);
  try {
    const held = holdDataFolder(wish.data);
    const { files } = held;
    teardown.add(() => held.release());
    const primitives = createPrimitives();
    const lookup = wish.offline === true ? undefined : createDomainLookup(wish);
    const named = lookup && (await readDomainBootstrap(wish.bootstrap, lookup, log));
    const network =
      named &&
      (await startNetwork({
        wish,
        files,
        primitives,
        log,
        teardown,
        operator,
        version: parts.version,
        found: named.directory,
      }));
    const domains = lookup?.records;
    const client = wish.roles.includes('user')
      ? await openUser({ wish, files, primitives, network, domains, log, teardown }, parts.createClient)
      : undefined;
    // Before the client, which waits for what it has asked.
    teardown.add(() => lookup?.end());
    // First of all, while everybody can still be answered.
    teardown.add(() => network?.drain());
    return await serve({
      wish,
      parts,
      network,
      client,
      teardown,
      files,
      lookup,
      offered: named?.relays ?? [],
    });
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

interface Started {
  readonly wish: NodeWish;
  readonly parts: NodeParts;
  readonly network: Network | undefined;
  readonly client: Client | undefined;
  readonly teardown: Teardown;
  readonly files: DataFiles;
  readonly lookup: DomainLookup | undefined;
  /** Relays that a domain named which the person named. */
  readonly offered: readonly string[];
}

async function serve(started: Started): Promise<RunningNode> {
  const { wish, parts, network, client, teardown, files } = started;
  const { log, version } = parts;
  const stopped = Promise.withResolvers<undefined>();
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= teardown.run().then(() => {
      log.info('node', 'stopped');
      stopped.resolve(undefined);
    }));
  const relay = network?.relay;
  const token = makeApiToken(files.token);
  teardown.add(() => token.remove());
  const page = new Page({ files, port: wish.apiPort, log, nowMs: () => systemClock.nowMs() });
  teardown.add(() => page.close());
  const host: ApiHost = {
    version,
    isToken: (given) => token.is(given) || page.browsers.isToken(given),
    pair: (code, name) => page.pair(code, name),
    handlers: createHandlers({
      client,
      relays: wish.relays,
      backUp: relay && ((folder) => relay.backUp(folder)),
      status: () => nodeStatus(started, page.url),
      page,
      stop: () => setImmediate(() => void stop()),
      accountMade: () => void joinOwnDomain(started),
    }),
    subscribe: (since, listen) => client?.subscribe(since, listen) ?? (() => undefined),
    explain: explainError(log),
  };
  await page.start(host);
  const socket = await openApiSocket(files, host);
  teardown.add(() => socket.close());
  if (client !== undefined && network !== undefined) {
    // What was named on the command line counts from the first command on. Nothing of it waits for others.
    await connectUser(client, network, { wish, offered: started.offered, log });
    void joinOwnDomain(started);
  }
  teardown.add(growWhenBusy());
  log.info('node', `runs with the roles ${wish.roles.join(', ')}`);
  const hasAccount = client?.account() !== undefined;
  return {
    addresses: addressTexts(network),
    api: socket.endpoint,
    websocket: page.url,
    hasAccount,
    metrics: network?.metrics,
    reload: () => parts.operator.reload(log),
    stop,
    stopped: stopped.promise,
  };
}

/** Only where nothing else was named to begin with. */
async function joinOwnDomain({ wish, client, network, lookup, parts }: Started): Promise<void> {
  const account = client?.account();
  if (account === undefined || network === undefined || lookup === undefined || wish.bootstrap.length > 0)
    return;
  const domain = account.address.slice(account.address.lastIndexOf('@') + 1);
  const { relays, directory } = await readDomainPeers(domain, lookup, parts.log);
  network.meet(directory);
  if (relays.length === 0) return;
  await client
    ?.offerRelays(relays)
    .catch((error: unknown) => parts.log.warn('user', `relays of the domain: ${anonymousError(error)}`));
}

async function nodeStatus(
  { wish, parts, network, client }: Started,
  websocket: string | undefined,
): Promise<NodeStatus> {
  const status = client?.status();
  return {
    version: parts.version,
    pid: process.pid,
    roles: wish.roles,
    addresses: addressTexts(network),
    data: wish.data,
    websocket,
    account: status?.account,
    peers: status?.peers ?? [],
    relays: status?.relays ?? [],
    directoryNodes: network?.directory.nodesKnown() ?? 0,
    published: status?.published ?? { note: '' },
    queued: status?.queued ?? 0,
    doubts: status?.doubts ?? [],
    contacts: status?.contacts ?? 0,
    relay: await network?.relay?.status(),
  };
}
