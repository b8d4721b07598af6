/** Where a transport listens on the network: one port number for TCP and UDP (spec/links.md, "Addresses"). */
import { createSocket } from 'node:dgram';
import type { Server } from 'node:net';
import { TransportError } from '@mycelium/runtime';
import type { Endpoint } from './addresses.ts';
import { portTriesMax } from './bounds.ts';
import { udpHost } from './dht-node.ts';
import { listenOnStream, type StreamAccept } from './stream-paths.ts';

export interface Listening {
  readonly server: Server;
  readonly endpoint: Endpoint;
}

/** @throws TransportError `address-in-use` */
export async function listenOnPort(
  endpoint: Endpoint,
  how: StreamAccept,
  withUdp: boolean,
): Promise<Listening> {
  for (let tries = 1; ; tries += 1) {
    const server = await listenOnStream(endpoint, how);
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : endpoint.port;
    if (!withUdp || (await isUdpPortFree({ host: endpoint.host, port }))) {
      return { server, endpoint: { host: endpoint.host, port } };
    }
    await new Promise<void>((resolve) => server.close(() => resolve()));
    if (endpoint.port !== 0 || tries === portTriesMax) {
      throw new TransportError('address-in-use', 'another program uses the UDP port');
    }
  }
}

/** Asked first, because hyperdht does not give everything back when it fails to bind. */
async function isUdpPortFree(endpoint: Endpoint): Promise<boolean> {
  const host = udpHost(endpoint.host);
  if (host === undefined) return true;
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ address: host, port: endpoint.port, exclusive: true }, () =>
      socket.close(() => resolve(true)),
    );
  });
}
