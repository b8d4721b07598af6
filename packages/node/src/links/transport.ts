/**
 * The transport of an installation (spec/links.md): links over the nearest path that works, each of them proved by
 * its Ed25519 transport key. Nothing is contacted but the peer that is dialled and the nodes that are configured.
 */
import type { Server } from 'node:net';
import type { PeerAddress, PeerEndpoint, TransportKey } from '@mycelium/protocol';
import {
  TransportError,
  type Cancellation,
  type Link,
  type Path,
  type PathKind,
  type Transport,
} from '@mycelium/runtime';
import type { DhtServer, HyperDht } from '../declarations/hyperdht.ts';
import type { KeyPair } from '../declarations/noise.ts';
import { NoiseSecretStream } from '../declarations/secret-stream.ts';
import { peerAddresses, type Endpoint } from './addresses.ts';
import { dialTimeoutMs, lingerMs, summonsMax } from './bounds.ts';
import { ConnectionGate, usualGateLimits, type GateLimits, type GateMeter } from './connection-gate.ts';
import { startDht, udpHost, type DhtWish } from './dht-node.ts';
import { HalfOpenConnections } from './half-open.ts';
import type { SecretLink } from './link.ts';
import { listenOnPort, type Listening } from './listen.ts';
import { watchNetworks } from './local-networks.ts';
import { Nearby } from './nearby.ts';
import { possiblePaths } from './possible-paths.ts';
import { firstToOpen } from './race.ts';
import {
  defaultRuntimeFolder,
  prepareRuntimeFolder,
  removeStaleSocket,
  socketPath,
} from './runtime-folder.ts';
import { answerSpliced, dialSpliced } from './spliced-path.ts';
import { dialStream, listenOnStream, type StreamAccept } from './stream-paths.ts';
import { dialUdp, listenOnDht } from './udp-path.ts';
import {
  dialWebSocket,
  listenOnWebSocket,
  type Certificate,
  type WebSocketListening,
  type WebSocketServing,
} from './websocket-path.ts';

export interface TransportOptions {
  /** 32 bytes; the Ed25519 seed of the transport key. */
  readonly keySeed: Uint8Array;
  /** Where to listen on the network. Port 0: any free one. Empty: only the socket on this machine. */
  readonly listen: readonly Endpoint[];
  /** Where to listen for WebSockets as well. */
  readonly websocket?: readonly WebSocketListening[] | undefined;
  /** Folder of the sockets of this user's programs. Default: `defaultRuntimeFolder()`. */
  readonly runtimeFolder?: string;
  /** Announces itself and finds others on the networks around this machine, where it listens on one. */
  readonly nearby?: boolean;
  /** Left out, there is no path over UDP, and no directory. */
  readonly dht?: DhtWish;
  /** Paths to dial over. Default: all. */
  readonly paths?: readonly PathKind[];
  /** Whom to let in, and how many. Asked for at each connection. Default: `usualGateLimits`. */
  readonly gate?: () => GateLimits;
  readonly gateMeter?: GateMeter;
}

export interface NodeTransport extends Transport {
  /** Our node of the DHT, from `listen` or the first dial on. The transport ends it. */
  readonly dht: HyperDht | undefined;
  /** The certificate of WebSockets inside TLS, for connections from now on. @throws Error where it is none */
  renewCertificate(certificate: Certificate): void;
}

export function createTransport(options: TransportOptions): NodeTransport {
  return new LinkTransport(options);
}

class LinkTransport implements NodeTransport {
  readonly key: TransportKey;
  readonly #options: TransportOptions;
  readonly #own: KeyPair;
  readonly #runtimeFolder: string;
  readonly #halfOpen = new HalfOpenConnections();
  readonly #gate: ConnectionGate;
  readonly #links = new Set<SecretLink>();
  readonly #servers: Server[] = [];
  readonly #webSockets: WebSocketServing[] = [];
  readonly #closing = new AbortController();
  /** Summonses that are being answered. */
  #answering = 0;
  readonly #onChange = new Set<() => void>();
  #listening: readonly PeerEndpoint[] = [];
  #nearby: Nearby | undefined;
  #watching: (() => void) | undefined;
  #accept: ((link: Link) => void) | undefined;
  #dht: HyperDht | undefined;
  #dhtStart: Promise<HyperDht> | undefined;
  #dhtServer: DhtServer | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#gate = new ConnectionGate(options.gate ?? (() => usualGateLimits), options.gateMeter);
    this.#own = NoiseSecretStream.keyPair(options.keySeed);
    this.key = Uint8Array.from(this.#own.publicKey) as TransportKey;
    this.#runtimeFolder = options.runtimeFolder ?? defaultRuntimeFolder();
  }

  get addresses(): readonly PeerAddress[] {
    return peerAddresses(this.key, this.#listening);
  }

  get dht(): HyperDht | undefined {
    return this.#dht;
  }

  /** Before the first dial, or links over UDP begin again. */
  async listen(accept: (link: Link) => void): Promise<void> {
    this.#accept = accept;
    try {
      await this.#listenOnSocket();
      const webSockets = await this.#listenOnWebSockets();
      const listening: Listening[] = [];
      for (const endpoint of this.#options.listen) {
        const bound = await listenOnPort(endpoint, this.#acceptOver('tcp'), this.#uses('udp'));
        this.#servers.push(bound.server);
        listening.push(bound);
      }
      const endpoints = listening.map(({ endpoint }) => endpoint);
      await this.#leaveDht();
      const dht = await this.#joinDht(endpoints);
      if (dht !== undefined) this.#dhtServer = listenOnDht(dht, this.#acceptOver('udp'));
      this.#listening = [...endpoints, ...webSockets];
      this.#watching = watchNetworks(() => {
        this.#nearby?.networksChanged();
        this.#changed();
      });
      this.#meetNearby();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  #meetNearby(): void {
    const { nearby = false } = this.#options;
    const outward = this.#listening.filter(({ host }) => host !== 'localhost' && !host.startsWith('127.'));
    if (!nearby || outward.length === 0) return;
    this.#nearby = new Nearby({ key: this.key, listening: outward, heard: () => this.#changed() });
  }

  renewCertificate(certificate: Certificate): void {
    for (const serving of this.#webSockets) serving.renew(certificate);
  }

  async #listenOnSocket(): Promise<void> {
    const path = socketPath(this.#runtimeFolder, this.key);
    if (path === undefined || !(await prepareRuntimeFolder(this.#runtimeFolder))) return;
    if (!(await removeStaleSocket(path))) {
      throw new TransportError('address-in-use', 'another program of yours uses this transport key');
    }
    this.#servers.push(await listenOnStream({ path }, this.#acceptOver('unix')));
  }

  async #listenOnWebSockets(): Promise<readonly PeerEndpoint[]> {
    const endpoints: PeerEndpoint[] = [];
    for (const where of this.#options.websocket ?? []) {
      const bound = await listenOnWebSocket(where, this.#acceptOver('websocket'));
      this.#servers.push(bound.server);
      this.#webSockets.push(bound);
      endpoints.push(bound.endpoint);
    }
    return endpoints;
  }

  #uses(path: PathKind): boolean {
    if (path === 'udp' && this.#options.dht === undefined) return false;
    return this.#options.paths?.includes(path) ?? true;
  }

  /** One UDP socket, at the first endpoint that can have one. */
  async #joinDht(endpoints: readonly Endpoint[]): Promise<HyperDht | undefined> {
    const { dht: wish } = this.#options;
    if (wish === undefined || !this.#uses('udp')) return undefined;
    const first = endpoints.find(({ host }) => udpHost(host) !== undefined);
    const at = first && { host: udpHost(first.host) ?? first.host, port: first.port };
    this.#dhtStart ??= startDht({ ...wish, gate: this.#gate }, this.#own, at ?? { host: '0.0.0.0', port: 0 });
    this.#dht = await this.#dhtStart;
    return this.#dht;
  }

  #acceptOver(path: PathKind): StreamAccept {
    return {
      path,
      own: this.#own,
      halfOpen: this.#halfOpen,
      gate: this.#gate,
      accept: (link) => {
        this.#keep(link);
        if (this.#closing.signal.aborted) link.destroy('closed by this side');
        else this.#accept?.(link);
      },
    };
  }

  onChange(changed: () => void): void {
    this.#onChange.add(changed);
  }

  paths(addresses: readonly PeerAddress[], through?: readonly PeerAddress[]): readonly Path[] {
    const here = {
      runtimeFolder: this.#runtimeFolder,
      nearby: (key: TransportKey) => this.#nearby?.endpoints(key) ?? [],
      uses: (kind: PathKind) => this.#uses(kind),
    };
    return possiblePaths(addresses, here, this.#uses('relayed') ? through : []);
  }

  dial(peer: PeerAddress, signal: Cancellation): Promise<Link> {
    const candidates = this.paths([peer]).map((path) => ({
      open: (race: AbortSignal) => this.#open(path, race),
    }));
    const discard = (late: SecretLink): void => late.destroy('another path was faster');
    return this.#within(signal, (both) => firstToOpen({ candidates, signal: both, discard }));
  }

  dialPath(path: Path, signal: Cancellation): Promise<Link> {
    return this.#within(signal, async (both) => {
      const link = await this.#open(path, both);
      if (!both.aborted) return link;
      link.destroy('the dial was given up');
      throw new TransportError('aborted', 'the dial was given up');
    });
  }

  #open(path: Path, signal: AbortSignal): Promise<SecretLink> {
    const own = this.#own;
    const { kind, key: expected } = path;
    if (kind === 'udp') return this.#dialUdp(path, signal);
    if (kind === 'unix') {
      const socket = socketPath(this.#runtimeFolder, expected);
      if (socket !== undefined)
        return dialStream({ path: kind, target: { path: socket }, own, expected, signal });
    }
    if (path.via !== undefined) return this.#dialThrough(path.via, expected, signal);
    const [endpoint] = path.endpoints;
    if (endpoint !== undefined && kind === 'websocket')
      return dialWebSocket({ endpoint, own, expected, signal });
    if (endpoint !== undefined && kind === 'tcp') {
      const target = { host: endpoint.host, port: endpoint.port };
      return dialStream({ path: kind, target, own, expected, signal });
    }
    throw new TransportError('unreachable', 'this transport has no such path');
  }

  async #dialThrough(relay: PeerAddress, expected: TransportKey, signal: AbortSignal): Promise<SecretLink> {
    const toRelay = await this.dial(relay, signal);
    return dialSpliced(toRelay, { own: this.#own, expected, signal });
  }

  answerSummons(relay: Path, ticket: Uint8Array): void {
    if (this.#answering >= summonsMax) return;
    this.#answering += 1;
    this.dialPath(relay, this.#closing.signal)
      .then((toRelay) => answerSpliced(toRelay, ticket, this.#acceptOver('relayed')))
      .catch(() => undefined)
      .finally(() => (this.#answering -= 1));
  }

  /** Ended by the caller, by the transport's end, or by time. */
  async #within(signal: Cancellation, dial: (both: AbortSignal) => Promise<SecretLink>): Promise<SecretLink> {
    if (this.#closing.signal.aborted) throw new TransportError('closed', 'the transport is closed');
    if (signal.aborted) throw new TransportError('aborted', 'the dial was given up');
    const given = new AbortController();
    const abort = (): void => given.abort();
    signal.addEventListener('abort', abort);
    const timeout = AbortSignal.timeout(dialTimeoutMs);
    try {
      const link = await dial(AbortSignal.any([given.signal, timeout, this.#closing.signal]));
      this.#keep(link);
      return link;
    } catch (error) {
      if (signal.aborted) throw new TransportError('aborted', 'the dial was given up', { cause: error });
      if (timeout.aborted) {
        throw new TransportError('unreachable', 'the peer did not answer in time', { cause: error });
      }
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #dialUdp(path: Path, signal: AbortSignal): Promise<SecretLink> {
    const dht = await this.#joinDht([]);
    if (dht === undefined) throw new TransportError('unreachable', 'there is no path over UDP');
    return dialUdp({ dht, own: this.#own, path, signal });
  }

  #keep(link: SecretLink): void {
    this.#links.add(link);
    void link.ended.then(() => this.#links.delete(link));
  }

  #changed(): void {
    for (const changed of this.#onChange) changed();
  }

  async close(): Promise<void> {
    this.#watching?.();
    await this.#nearby?.close();
    if (!this.#closing.signal.aborted) this.#closing.abort();
    this.#halfOpen.close();
    const servers = this.#servers.splice(0).map(closed);
    const links = [...this.#links].map(async (link) => {
      link.close();
      await link.ended;
    });
    await Promise.all([...servers, ...links]);
    await this.#leaveDht();
  }

  /** Taking our key back from nodes that may be gone is worth a moment, not more. */
  async #leaveDht(): Promise<void> {
    if (this.#dhtServer !== undefined) await atMost(lingerMs, this.#dhtServer.close());
    const dht = await this.#dhtStart?.catch(() => undefined);
    this.#dhtStart = undefined;
    this.#dhtServer = undefined;
    this.#dht = undefined;
    await dht?.destroy({ force: true });
  }
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
