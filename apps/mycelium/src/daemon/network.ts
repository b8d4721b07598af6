/**
 * The node's links to others: one transport for all roles, on one port number for TCP and UDP. A link that somebody
 * opens goes to the person's mail agent, which passes on what is for the relay; without a person, to the relay.
 */
import {
  createTransport,
  systemClock,
  systemRandomness,
  usualGateLimits,
  type Directory,
  type NodeTransport,
  type TransportOptions,
} from '@mycelium/node';
import { formatPeerAddress, type PeerAddress, type Primitives } from '@mycelium/protocol';
import { createMailAgent, TransportError, type Link, type MailAgent } from '@mycelium/runtime';
import type { NodeWish } from '../commands/command.ts';
import type { DataFiles } from '../data-folder.ts';
import { FailedError } from '../failures.ts';
import { gateLimits } from '../relay/live-limits.ts';
import type { Operator } from '../relay/operator.ts';
import type { RelayMetrics } from '../relay/relay-metrics.ts';
import { isDomainBootstrap } from './domain-bootstrap.ts';
import { startDirectoryRole } from './directory-role.ts';
import { parseBootstrap, parseEndpoint, parsePeer, type Endpoint } from './endpoints.ts';
import { openKeptClaims } from './kept-claims.ts';
import { keepKnownNodes, readKnownNodes } from './known-nodes.ts';
import type { Log } from './log.ts';
import { readPrivate, writePrivate } from './private-files.ts';
import { startRelayRole, type RelayRole, type RelayRoleWish } from './relay-role.ts';
import type { Teardown } from './teardown.ts';
import { openTransportKey } from './transport-key.ts';
import { configuredWebSockets, renewCertificate, webSocketListening } from './websocket-listening.ts';

export interface Network {
  /** The mail agent of the role user; its client starts it. */
  readonly mail: MailAgent | undefined;
  readonly directory: Directory;
  readonly relay: RelayRole | undefined;
  /** Where the relay's figures are. */
  readonly metrics: string | undefined;
  addresses(): readonly PeerAddress[];
  /** Directory nodes that were found while it runs. */
  meet(nodes: readonly Endpoint[]): void;
  /** Lets nobody in any more, and answers what others have asked of the relay. */
  drain(): Promise<void>;
  /** Calls `moved` when the addresses of this node are others. */
  onMoved(moved: () => void): void;
  /** The client has started the mail agent: from now on it takes the links. */
  mailStarted(): void;
}

export interface NetworkWish {
  readonly wish: NodeWish;
  readonly files: DataFiles;
  readonly primitives: Primitives;
  readonly log: Log;
  readonly teardown: Teardown;
  readonly operator: Operator;
  readonly version: string;
  /** Directory nodes that domains named. */
  readonly found: readonly Endpoint[];
}

/** @throws FailedError `address-in-use`, `listen`; UsageError for addresses that are none */
export async function startNetwork(network: NetworkWish): Promise<Network> {
  const { wish, files, primitives, log, teardown, operator } = network;
  for (const relay of wish.relays) parsePeer('--relay', relay);
  const named = wish.listen.map((text) => parseEndpoint('--listen', text));
  const chosen = named.length > 0 ? named : operator.current().listen.addresses;
  const bootstrap = bootstrapOf(network);
  const isDirectory = wish.roles.includes('directory');
  const isRelay = wish.roles.includes('relay');
  const metrics = isRelay ? await startMetrics(network) : undefined;
  const limits = isRelay ? gateLimits(operator.current) : () => usualGateLimits;
  let draining = false;
  const base = {
    websocket: webSocketsOf(network),
    nearby: wish.mdns !== false,
    gate: () => (draining ? { ...limits(), connectionsMax: 0 } : limits()),
    ...(metrics && { gateMeter: metrics.figures.gate }),
    keySeed: openTransportKey(files.transportKey, systemRandomness),
    dht: {
      role: isDirectory ? ('directory' as const) : ('client' as const),
      bootstrap,
      nodes: readKnownNodes(files.nodes, log),
    },
  };

  const surroundings = { clock: systemClock, randomness: systemRandomness, primitives };
  let accept: (link: Link) => void = (link) => link.close();
  const transport = await listenAt(base, chosen, { files, accept: (link) => accept(link) });
  teardown.add(() => transport.close());
  operator.onReload(() => renewCertificates(network, transport));
  teardown.add(keepKnownNodes(files.nodes, transport, log));
  const directory = await startDirectoryRole({
    ...surroundings,
    transport,
    file: isDirectory ? files.directory : undefined,
  });
  teardown.add(() => directory.stop());
  const claims = isRelay
    ? await openKeptClaims({ ...surroundings, file: files.relayClaims, directory, log })
    : undefined;
  const roleWish = { ...surroundings, ...relayWish(network), transport, claims };
  const relay = isRelay ? await startRelayRole({ ...roleWish, metrics: metrics?.figures }) : undefined;
  if (relay !== undefined) {
    metrics?.figures.watch({ ...relay, connections: () => relay.host.connections, version: network.version });
    teardown.add(() => relay.stop());
    accept = (link) => relay.accept(link);
  }
  const mail = wish.roles.includes('user')
    ? createMailAgent({
        ...surroundings,
        transport,
        ...relay?.serving,
      })
    : undefined;
  return {
    mail,
    directory,
    relay,
    metrics: metrics?.url,
    addresses: () => transport.addresses,
    meet: (nodes) => nodes.forEach((node) => transport.dht?.addNode(node)),
    drain: async () => {
      draining = true;
      await relay?.drain();
    },
    onMoved: (moved) => watchAddresses(transport, moved),
    mailStarted: () => {
      if (mail !== undefined) accept = (link) => mail.accept(link);
    },
  };
}

function bootstrapOf({ wish, found }: NetworkWish): readonly Endpoint[] {
  const written = wish.bootstrap.filter((text) => !isDomainBootstrap(text));
  return [...written.map(parseBootstrap), ...found];
}

/** What the command line says goes before the file. */
function relayWish(network: NetworkWish): Pick<RelayRoleWish, 'place' | 'durability' | 'log' | 'operator'> {
  const { wish, operator, files, log } = network;
  const { store } = operator.current();
  return {
    place: wish.relayStore ?? store.url ?? { kind: 'folder', folder: files.relayStore },
    durability: wish.storeDurability ?? store.durability,
    log,
    operator,
  };
}

/** `--websocket` goes before the configuration. */
function webSocketsOf({ wish, operator }: NetworkWish): TransportOptions['websocket'] {
  const { listen } = operator.current();
  return wish.websocket === undefined ? configuredWebSockets(listen) : webSocketListening(wish.websocket);
}

function renewCertificates({ wish, operator, log }: NetworkWish, transport: NodeTransport): void {
  if (wish.websocket === undefined) renewCertificate(transport, operator.current().listen, log);
}

interface Metrics {
  readonly figures: RelayMetrics;
  readonly url: string;
}

/** Only who wants them loads them. */
async function startMetrics({ operator, teardown }: NetworkWish): Promise<Metrics | undefined> {
  const { port } = operator.current().metrics;
  if (port === undefined) return undefined;
  const { createRelayMetrics } = await import('../relay/relay-metrics.ts');
  const { serveMetrics } = await import('../relay/metrics-server.ts');
  const figures = createRelayMetrics();
  const server = await serveMetrics(port, figures);
  operator.onReload(() => figures.reloaded());
  teardown.add(() => server.close());
  return { figures, url: server.url };
}

function watchAddresses(transport: NodeTransport, moved: () => void): void {
  const addresses = (): string => transport.addresses.map(formatPeerAddress).join();
  let known = addresses();
  transport.onChange(() => {
    const now = addresses();
    if (now !== known) moved();
    known = now;
  });
}

interface Listening {
  readonly files: DataFiles;
  readonly accept: (link: Link) => void;
}

async function listenAt(
  base: Omit<TransportOptions, 'listen'>,
  chosen: readonly Endpoint[],
  { files, accept }: Listening,
): Promise<NodeTransport> {
  const open = async (listen: readonly Endpoint[]): Promise<NodeTransport> => {
    const transport = createTransport({ ...base, listen });
    await transport.listen(accept);
    return transport;
  };
  const options = base.websocket?.length === 0 ? '--listen' : '--listen, --websocket';
  try {
    return await (chosen.length === 0 ? onRememberedPort(open, files.port) : open(chosen));
  } catch (error) {
    throw listenFailure(options, error);
  }
}

const systemReasons: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host could not be looked up',
  EACCES: 'you may not use that port',
};

/** `options`: those that may have named the place. */
function listenFailure(options: string, error: unknown): unknown {
  if (error instanceof TransportError && error.code === 'address-in-use') {
    const message = `${options}: ${error.message}. Choose another port, or 0 for any free one.`;
    return new FailedError('address-in-use', message, { cause: error });
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = systemReasons[code];
  if (reason === undefined) return error;
  return new FailedError('listen', `${options}: ${reason}. Choose another HOST:PORT.`, { cause: error });
}

/** Without `--listen`: every interface, on the port of last time when it is free, so that addresses stay. */
async function onRememberedPort(
  open: (listen: readonly Endpoint[]) => Promise<NodeTransport>,
  file: string,
): Promise<NodeTransport> {
  const port = Number(readPrivate(file)?.trim() ?? 0);
  const host = '0.0.0.0';
  const remembered = Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
  const transport = await open([{ host, port: remembered }]).catch((error: unknown) => {
    if (remembered === 0 || !(error instanceof TransportError) || error.code !== 'address-in-use')
      throw error;
    return open([{ host, port: 0 }]);
  });
  const bound = transport.addresses.find(({ endpoint }) => endpoint?.over === undefined)?.endpoint?.port;
  if (bound !== undefined && bound !== remembered) writePrivate(file, `${bound}\n`);
  return transport;
}

export function addressTexts(network: Network | undefined): readonly string[] {
  return network?.addresses().map(formatPeerAddress) ?? [];
}
