/**
 * What we use of `hyperdht` 6.34 (on `dht-rpc` 6.27 and `udx-native` 1.21), which has no types. Written from their
 * sources. Traps that the callers work around are told where they are met.
 */
import { createRequire } from 'node:module';
import type { KeyPair } from './noise.ts';
import type { NoiseSecretStream, SecretStreamOptions } from './secret-stream.ts';

export interface UdpAddress {
  /** IPv4 only. */
  readonly host: string;
  readonly port: number;
}

export interface DhtReply {
  /** `id` is null for ephemeral nodes, and when it is not the hash of the address that the reply came from. */
  readonly from: UdpAddress & { readonly id: Uint8Array | null };
  /** Our address as the node sees it. */
  readonly to: UdpAddress;
  /** Given back with a put, it shows that we receive at the address we ask from. */
  readonly token: Uint8Array | null;
  readonly closerNodes: readonly UdpAddress[] | null;
  /** 0: none. */
  readonly error: number;
  readonly value: Uint8Array | null;
}

export interface DhtRequest {
  readonly from: UdpAddress & { readonly id: Uint8Array | null };
  readonly command: number;
  /** Already checked by dht-rpc when it is there. */
  readonly token: Uint8Array | null;
  readonly target: Uint8Array | null;
  reply(value: Uint8Array | null, options?: ReplyOptions): void;
  /** Passes `value` on as a request of ours. */
  relay(value: Uint8Array, to: UdpAddress | null, options?: object): void;
}

export interface ReplyOptions {
  readonly token: boolean;
  readonly closerNodes: boolean;
  /** Somebody else than who asked. */
  readonly to?: UdpAddress | null;
}

/** A command of a plugin, unwrapped. */
export interface PluginRequest {
  readonly command: number;
  readonly value: Uint8Array | null;
}

export interface DhtPlugin {
  readonly name: string;
  readonly version: number;
  onregister(dht: HyperDht): void;
  /** Whatever it throws ends the process. */
  onrequest(request: PluginRequest, outer: DhtRequest): void;
  onpersistent(): void;
  destroy(): void;
  request(
    what: {
      readonly token?: Uint8Array | null;
      readonly command: number;
      readonly target: Uint8Array;
      readonly value: Uint8Array;
    },
    to: UdpAddress,
    options?: { readonly retry?: boolean },
  ): Promise<DhtReply>;
}

export type CreateSecretStream = (
  initiator: boolean,
  rawStream: object | null,
  options: SecretStreamOptions,
) => NoiseSecretStream;

export interface DhtServer {
  listen(keyPair: KeyPair): Promise<DhtServer>;
  close(): Promise<void>;
}

export interface DhtServerOptions {
  readonly createSecretStream: CreateSecretStream;
  /** True refuses the handshake. */
  readonly firewall: (remoteKey: Uint8Array, payload: { readonly relayThrough: unknown }) => boolean;
  /** ms for which a finished or refused handshake is remembered. */
  readonly handshakeClearWait: number;
}

export interface HyperDht {
  /** Null while ephemeral. */
  readonly id: Uint8Array | null;
  readonly destroyed: boolean;
  /** Asked in every query while the routing table has fewer than 20 nodes. */
  bootstrapNodes: readonly UdpAddress[];
  bind(): Promise<void>;
  fullyBootstrapped(): Promise<void>;
  refresh(): void;
  /** Into the routing table, unasked; leaves it when it does not answer. */
  addNode(node: UdpAddress): void;
  /** Of the socket that others reach; with the host of an interface. */
  localAddress(): UdpAddress | null;
  /** Nodes of the routing table, latest first. */
  toArray(options?: { readonly limit: number }): readonly UdpAddress[];
  connect(
    key: Uint8Array,
    options: {
      readonly keyPair: KeyPair;
      readonly createSecretStream: CreateSecretStream;
      readonly relayAddresses: readonly UdpAddress[];
    },
  ): NoiseSecretStream;
  createServer(options: DhtServerOptions, accept: (stream: NoiseSecretStream) => void): DhtServer;
  register(name: string, plugin: DhtPlugin): void;
  destroy(options: { readonly force: boolean }): Promise<void>;
  /** Streams over UDP, opened or opening; each takes some 70 KB. */
  readonly rawStreams: { readonly size: number };
  /** Where handshakes go, by the hash of the key: to a server of ours when it has `onpeerhandshake`. */
  readonly _router: { get(target: Uint8Array): { readonly onpeerhandshake: unknown } | null | undefined };
  /** Searches for a random port that may be under way. */
  _randomPunchLimit: number;
  /** Whatever it throws ends the process. False: the command is not known here. */
  onrequest(request: DhtRequest): boolean;
  once(event: 'persistent' | 'ready', listener: () => void): this;
}

export interface DhtOptions {
  readonly host: string;
  /** First port and the one after the last. `0` would mean 49737. */
  readonly port: readonly [number, number];
  readonly anyPort: boolean;
  readonly keyPair: KeyPair;
  /** Left out, it would be the public nodes of somebody else. */
  readonly bootstrap: readonly UdpAddress[];
  readonly nodes: readonly UdpAddress[];
  readonly ephemeral: boolean;
  readonly firewalled?: boolean;
  /** ms between two searches for a random port. */
  readonly randomPunchInterval?: number;
}

/** How other nodes see one socket of ours, and what follows from it. */
export interface NatSamplesState {
  readonly dht: { readonly firewalled: boolean };
  readonly sampled: number;
  /** 0 unknown, 1 open, 2 the same address for everybody, 3 another port for each. */
  firewall: number;
  /** Addresses by how often they were seen, most first. */
  readonly _samplesFull: readonly { readonly host: string; readonly port: number; readonly hits: number }[];
  readonly _autoSampling: boolean;
  /** All answers are there that will come. */
  _resolve: () => void;
  _updateAddresses(): void;
  /** Asks nodes. */
  autoSample: (this: NatSamplesState, retry?: boolean) => void;
}

interface HyperDhtConstructor {
  new (options: DhtOptions): HyperDht;
  /** A node that knows its own address, and so is persistent without anybody's help. */
  bootstrapper<Node extends HyperDht>(
    this: new (options: DhtOptions) => Node,
    port: number,
    host: string,
    options: DhtOptions,
  ): Node;
}

interface NodeIds {
  /** The id of the node at an address: BLAKE2b-256 of the IPv4 address and the port. */
  id(host: string, port: number): Uint8Array;
}

const require = createRequire(import.meta.url);
export const HyperDht: HyperDhtConstructor = require('hyperdht');
export const DhtPlugin: new (name: string, version: number) => DhtPlugin = require('hyperdht/lib/plugin');
export const NatSamples: { readonly prototype: NatSamplesState } = require('hyperdht/lib/nat');
export const nodeIds: NodeIds = require('dht-rpc/lib/peer');
