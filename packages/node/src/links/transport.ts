/**
 * The transport of an installation (spec/links.md): links over the nearest path that works, each of them proved by
 * its Ed25519 transport key. Nothing is contacted but the peer that is dialled and the nodes that are configured.
 */
import type { Server } from 'node:net';
import type { KeyPair } from '../declarations/noise.ts';
import { NoiseSecretStream } from '../declarations/secret-stream.ts';
import type { PeerAddress, TransportKey } from '@mycelium/protocol';
import { TransportError, type Cancellation, type Link, type Transport } from '@mycelium/runtime';
import { peerAddresses, type Endpoint } from './addresses.ts';
import { dialTimeoutMs } from './bounds.ts';
import { HalfOpenConnections } from './half-open.ts';
import type { SecretLink } from './link.ts';
import { firstToOpen, type Candidate } from './race.ts';
import {
  defaultRuntimeFolder,
  prepareRuntimeFolder,
  removeStaleSocket,
  socketPath,
} from './runtime-folder.ts';
import { dialStream, listenOnStream, type StreamAccept, type StreamDial } from './stream-paths.ts';

export interface TransportOptions {
  /** 32 bytes; the Ed25519 seed of the transport key. */
  readonly keySeed: Uint8Array;
  /** Where to listen on the network. Port 0: any free one. Empty: only the socket on this machine. */
  readonly listen: readonly Endpoint[];
  /** Folder of the sockets of this user's programs. Default: `defaultRuntimeFolder()`. */
  readonly runtimeFolder?: string;
}

export function createTransport(options: TransportOptions): Transport {
  return new NodeTransport(options);
}

class NodeTransport implements Transport {
  readonly key: TransportKey;
  readonly #options: TransportOptions;
  readonly #own: KeyPair;
  readonly #runtimeFolder: string;
  readonly #halfOpen = new HalfOpenConnections();
  readonly #links = new Set<SecretLink>();
  readonly #servers: Server[] = [];
  readonly #closing = new AbortController();
  #addresses: readonly PeerAddress[] = [];
  #accept: ((link: Link) => void) | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#own = NoiseSecretStream.keyPair(options.keySeed);
    this.key = Uint8Array.from(this.#own.publicKey) as TransportKey;
    this.#runtimeFolder = options.runtimeFolder ?? defaultRuntimeFolder();
  }

  get addresses(): readonly PeerAddress[] {
    return this.#addresses;
  }

  async listen(accept: (link: Link) => void): Promise<void> {
    this.#accept = accept;
    try {
      await this.#listenOnSocket();
      const listening: Endpoint[] = [];
      for (const endpoint of this.#options.listen) {
        const server = await listenOnStream(endpoint, this.#acceptOver('tcp'));
        this.#servers.push(server);
        const bound = server.address();
        if (bound !== null && typeof bound === 'object')
          listening.push({ host: endpoint.host, port: bound.port });
      }
      this.#addresses = peerAddresses(this.key, listening);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #listenOnSocket(): Promise<void> {
    const path = socketPath(this.#runtimeFolder, this.key);
    if (path === undefined || !(await prepareRuntimeFolder(this.#runtimeFolder))) return;
    if (!(await removeStaleSocket(path))) {
      throw new TransportError('address-in-use', 'another program of yours uses this transport key');
    }
    this.#servers.push(await listenOnStream({ path }, this.#acceptOver('unix')));
  }

  #acceptOver(path: StreamAccept['path']): StreamAccept {
    return {
      path,
      own: this.#own,
      halfOpen: this.#halfOpen,
      accept: (link) => {
        this.#keep(link);
        if (this.#closing.signal.aborted) link.destroy('closed by this side');
        else this.#accept?.(link);
      },
    };
  }

  async dial(peer: PeerAddress, signal: Cancellation): Promise<Link> {
    if (this.#closing.signal.aborted) throw new TransportError('closed', 'the transport is closed');
    if (signal.aborted) throw new TransportError('aborted', 'the dial was given up');
    const given = new AbortController();
    const abort = (): void => given.abort();
    signal.addEventListener('abort', abort);
    const timeout = AbortSignal.timeout(dialTimeoutMs);
    try {
      const link = await firstToOpen({
        candidates: this.#candidates(peer),
        signal: AbortSignal.any([given.signal, timeout, this.#closing.signal]),
        discard: (late: SecretLink) => late.destroy('another path was faster'),
      });
      this.#keep(link);
      return link;
    } catch (error) {
      if (timeout.aborted && !signal.aborted) {
        throw new TransportError('unreachable', 'the peer did not answer in time', { cause: error });
      }
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #candidates(peer: PeerAddress): readonly Candidate<SecretLink>[] {
    const over = (path: StreamDial['path'], target: StreamDial['target']): Candidate<SecretLink> => ({
      open: (signal) => dialStream({ path, target, own: this.#own, expected: peer.key, signal }),
    });
    const candidates: Candidate<SecretLink>[] = [];
    const path = socketPath(this.#runtimeFolder, peer.key);
    if (path !== undefined) candidates.push(over('unix', { path }));
    if (peer.endpoint !== undefined) candidates.push(over('tcp', { ...peer.endpoint }));
    return candidates;
  }

  #keep(link: SecretLink): void {
    this.#links.add(link);
    void link.ended.then(() => this.#links.delete(link));
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#closing.abort();
    this.#halfOpen.close();
    const servers = this.#servers.splice(0).map(closed);
    const links = [...this.#links].map(async (link) => {
      link.close();
      await link.ended;
    });
    await Promise.all([...servers, ...links]);
  }
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
