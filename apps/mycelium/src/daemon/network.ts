/** The node's links to others: one transport for all roles, on one port number for TCP and UDP. */
import { createTransport, systemRandomness, type NodeTransport } from '@mycelium/node';
import { formatPeerAddress } from '@mycelium/protocol';
import { TransportError } from '@mycelium/runtime';
import type { RelayStatus } from '@mycelium/api';
import type { NodeWish } from '../commands/command.ts';
import type { DataFiles } from '../data-folder.ts';
import { FailedError } from '../failures.ts';
import { parseBootstrap, parseEndpoint, parsePeer, type Endpoint } from './endpoints.ts';
import type { Log } from './log.ts';
import { readPrivate, writePrivate } from './private-files.ts';
import { openTransportKey } from './transport-key.ts';

export interface Network {
  readonly transport: NodeTransport;
  addresses(): readonly string[];
  directoryNodes(): number;
  relayStatus(): Promise<RelayStatus | undefined>;
  stop(): Promise<void>;
}

/** @throws FailedError `address-in-use`, UsageError for addresses that are none */
export async function startNetwork(wish: NodeWish, files: DataFiles, log: Log): Promise<Network> {
  for (const relay of wish.relays) parsePeer('--relay', relay);
  const chosen = wish.listen.map((text) => parseEndpoint('--listen', text));
  const bootstrap = wish.bootstrap.map(parseBootstrap);
  const keySeed = openTransportKey(files.transportKey, systemRandomness);
  const open = async (listen: readonly Endpoint[]): Promise<NodeTransport> => {
    const transport = createTransport({
      keySeed,
      listen,
      dht: { role: wish.roles.includes('directory') ? 'directory' : 'client', bootstrap },
    });
    await transport.listen((link) => {
      log.debug('links', 'a link was opened and nobody here takes it');
      link.close();
    });
    return transport;
  };
  const transport =
    chosen.length > 0 ? await explained(open(chosen)) : await onRememberedPort(open, files.port);
  const addresses = transport.addresses.map(formatPeerAddress);
  return {
    transport,
    addresses: () => addresses,
    directoryNodes: () => 0,
    relayStatus: () => Promise.resolve(undefined),
    stop: () => transport.close(),
  };
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
  const bound = transport.addresses[0]?.endpoint?.port;
  if (bound !== undefined && bound !== remembered) writePrivate(file, `${bound}\n`);
  return transport;
}

async function explained(opening: Promise<NodeTransport>): Promise<NodeTransport> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof TransportError && error.code === 'address-in-use') {
      throw new FailedError(
        'address-in-use',
        `--listen: ${error.message}. Choose another port, or 0 for any free one.`,
        { cause: error },
      );
    }
    throw error;
  }
}
