/** Links over UDP: hyperdht finds the peer by its key, or by the address given, punches holes, and UDX carries. */
import type { DhtServer, HyperDht } from '../declarations/hyperdht.ts';
import type { KeyPair } from '../declarations/noise.ts';
import type { NoiseSecretStream } from '../declarations/secret-stream.ts';
import type { TransportKey } from '@mycelium/protocol';
import { TransportError, type Path } from '@mycelium/runtime';
import { handshakeTimeoutMs, udpStreamsMax } from './bounds.ts';
import { CreditedStream } from './credit.ts';
import type { ConnectionGate } from './connection-gate.ts';
import { ipv4Address } from './dht-node.ts';
import type { HalfOpenConnections } from './half-open.ts';
import { SecretLink } from './link.ts';
import { createSecretStream } from './secret-stream.ts';

export interface UdpDial {
  readonly dht: HyperDht;
  readonly own: KeyPair;
  readonly path: Pick<Path, 'key' | 'endpoints'>;
  readonly signal: AbortSignal;
}

/** @throws TransportError `unreachable`; a peer with another key does not answer */
export async function dialUdp({ dht, own, path, signal }: UdpDial): Promise<SecretLink> {
  const found = await Promise.all(path.endpoints.map((endpoint) => ipv4Address(endpoint)));
  const relayAddresses = found.filter((address) => address !== undefined);
  if (signal.aborted || dht.destroyed) throw new TransportError('aborted', 'the dial was given up');
  const stream = dht.connect(path.key, {
    keyPair: own,
    createSecretStream,
    relayAddresses,
  });
  const abort = (): void => stream.destroy();
  signal.addEventListener('abort', abort);
  try {
    await opened(stream);
    return new SecretLink(new CreditedStream(stream), 'udp', path.key);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function opened(stream: NoiseSecretStream): Promise<void> {
  return new Promise((resolve, reject) => {
    let cause: Error | undefined;
    const failed = (): void =>
      reject(new TransportError('unreachable', 'the peer does not answer over UDP', { cause }));
    stream.on('error', (error) => {
      cause = error;
    });
    stream.once('close', failed);
    stream.once('open', () => {
      stream.off('close', failed);
      resolve();
    });
  });
}

export interface UdpAccept {
  readonly own: KeyPair;
  readonly halfOpen: HalfOpenConnections;
  readonly gate: ConnectionGate;
  accept(link: SecretLink): void;
}

export function listenOnDht(dht: HyperDht, how: UdpAccept): DhtServer {
  const { own, halfOpen, gate } = how;
  const server = dht.createServer(
    {
      createSecretStream,
      // A dialler that names a relay of its choice would make us contact it.
      firewall: (_key, payload) => payload.relayThrough != null || dht.rawStreams.size >= udpStreamsMax,
      handshakeClearWait: handshakeTimeoutMs,
    },
    (stream) => {
      halfOpen.add(stream);
      stream.on('error', () => undefined);
      stream.once('close', () => halfOpen.remove(stream));
      const pass = gate.open(stream.rawStream?.remoteHost ?? undefined);
      if (pass === undefined) return stream.destroy();
      stream.once('close', () => pass.leave());
      const records = new CreditedStream(stream);
      records.onConfirm(() => {
        halfOpen.remove(stream);
        gate.proved();
        const key = Uint8Array.from(stream.remotePublicKey ?? []) as TransportKey;
        how.accept(new SecretLink(records, 'udp', key, pass.source));
      });
    },
  );
  // Listening begins at once; what takes time is announcing the key to the nodes that are configured.
  server.listen(own).catch(() => undefined);
  return server;
}
