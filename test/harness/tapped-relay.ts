/**
 * A relay of the real parts, on a real socket, that lets a test read what it reads: every byte of every link after
 * the link's own encryption, in both directions.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import {
  createPrimitives,
  createTransport,
  openRelayStore,
  systemClock,
  systemRandomness,
} from '@mycelium/node';
import { formatPeerAddress } from '@mycelium/protocol';
import { createRelayHost, serveLink, usualServerLimits, type Link } from '@mycelium/runtime';

export type Direction = 'in' | 'out';

export interface TappedRelay {
  /** What others take as `--relay`. */
  readonly address: string;
  /** Where it keeps queues. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** `hear` gets the bytes of link number `link`. */
export async function startTappedRelay(
  folder: string,
  hear: (link: number, direction: Direction, bytes: Uint8Array) => void,
): Promise<TappedRelay> {
  const primitives = createPrimitives();
  const storeFolder = path.join(folder, 'tapped-store');
  const limits = { retentionMs: 86_400_000, framesPerQueueMax: 10_000, queuesMax: 10_000, bytesMax: 1 << 30 };
  const store = await openRelayStore({ folder: storeFolder, limits, clock: systemClock });
  const host = createRelayHost({ store, storeLimits: limits, clock: systemClock, primitives });
  host.start();
  const transport = createTransport({
    keySeed: randomBytes(32),
    listen: [{ host: '127.0.0.1', port: 0 }],
    runtimeFolder: path.join(folder, 'tapped-run'),
  });
  const serving = {
    transport,
    clock: systemClock,
    randomness: systemRandomness,
    primitives,
    limits: host.serverLimits(usualServerLimits),
    backend: host,
  };
  let links = 0;
  await transport.listen((link) => {
    const number = links++;
    serveLink(
      serving,
      tapped(link, (direction, bytes) => hear(number, direction, bytes)),
      () => undefined,
    );
  });
  const [address] = transport.addresses;
  if (address === undefined) throw new Error('the tapped relay has no address');
  return {
    address: formatPeerAddress(address),
    folder: storeFolder,
    stop: async () => {
      await transport.close();
      await host.stop();
      await store.close();
    },
  };
}

function tapped(link: Link, hear: (direction: Direction, bytes: Uint8Array) => void): Link {
  return {
    remoteKey: link.remoteKey,
    path: link.path,
    initiator: link.initiator,
    write: (batch) => {
      hear('out', batch);
      return link.write(batch);
    },
    onBytes: (receive) =>
      link.onBytes((bytes) => {
        hear('in', bytes);
        receive(bytes);
      }),
    onDrain: (drained) => link.onDrain(drained),
    onClose: (closed) => link.onClose(closed),
    pause: () => link.pause(),
    resume: () => link.resume(),
    close: () => link.close(),
  };
}
