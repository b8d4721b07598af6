/**
 * The node's links to others: one transport for all roles, on one port number for TCP and UDP. A link that somebody
 * opens goes to the person's mail agent, which passes on what is for the relay; without a person, to the relay.
 */
import {
  createTransport,
  systemClock,
  systemRandomness,
  type Directory,
  type NodeTransport,
  type TransportOptions,
} from '@mycelium/node';
import { formatPeerAddress, type PeerAddress, type Primitives } from '@mycelium/protocol';
import { createMailAgent, TransportError, type Link, type MailAgent } from '@mycelium/runtime';
import type { NodeWish } from '../commands/command.ts';
import type { DataFiles } from '../data-folder.ts';
import { FailedError } from '../failures.ts';
import { startDirectoryRole } from './directory-role.ts';
import { parseBootstrap, parseEndpoint, parsePeer, type Endpoint } from './endpoints.ts';
import { keepKnownNodes, readKnownNodes } from './known-nodes.ts';
import type { Log } from './log.ts';
import { readPrivate, writePrivate } from './private-files.ts';
import { startRelayRole, type RelayRole } from './relay-role.ts';
import type { Teardown } from './teardown.ts';
import { openTransportKey } from './transport-key.ts';
import { webSocketListening } from './websocket-listening.ts';

export interface Network {
  /** The mail agent of the role user; its client starts it. */
  readonly mail: MailAgent | undefined;
  readonly directory: Directory;
  readonly relay: RelayRole | undefined;
  addresses(): readonly PeerAddress[];
  /** The client has started the mail agent: from now on it takes the links. */
  mailStarted(): void;
}

export interface NetworkWish {
  readonly wish: NodeWish;
  readonly files: DataFiles;
  readonly primitives: Primitives;
  readonly log: Log;
  readonly teardown: Teardown;
}

/** @throws FailedError `address-in-use`, `listen`; UsageError for addresses that are none */
export async function startNetwork({
  wish,
  files,
  primitives,
  log,
  teardown,
}: NetworkWish): Promise<Network> {
  for (const relay of wish.relays) parsePeer('--relay', relay);
  const chosen = wish.listen.map((text) => parseEndpoint('--listen', text));
  const bootstrap = wish.bootstrap.map(parseBootstrap);
  const isDirectory = wish.roles.includes('directory');
  const base = {
    websocket: webSocketListening(wish.websocket),
    keySeed: openTransportKey(files.transportKey, systemRandomness),
    dht: {
      role: isDirectory ? 'directory' : 'client',
      bootstrap,
      nodes: readKnownNodes(files.nodes, log),
    },
  } as const;

  const surroundings = { clock: systemClock, randomness: systemRandomness, primitives };
  let accept: (link: Link) => void = (link) => link.close();
  const transport = await listenAt(base, chosen, { files, accept: (link) => accept(link) });
  teardown.add(() => transport.close());
  teardown.add(keepKnownNodes(files.nodes, transport, log));
  const relay = wish.roles.includes('relay')
    ? await startRelayRole({ ...surroundings, transport, folder: wish.relayStore ?? files.relayStore, log })
    : undefined;
  if (relay !== undefined) {
    teardown.add(() => relay.stop());
    accept = (link) => relay.accept(link);
  }
  const mail = wish.roles.includes('user')
    ? createMailAgent({
        ...surroundings,
        transport,
        ...(relay && { relay: relay.host, serverLimits: relay.serverLimits }),
      })
    : undefined;
  const directory = await startDirectoryRole({
    transport,
    primitives,
    clock: systemClock,
    file: isDirectory ? files.directory : undefined,
  });
  teardown.add(() => directory.stop());
  return {
    mail,
    directory,
    relay,
    addresses: () => transport.addresses,
    mailStarted: () => {
      if (mail !== undefined) accept = (link) => mail.accept(link);
    },
  };
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
