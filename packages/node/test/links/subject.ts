/** The transport of Node as a subject of the conformance suite, over one path at a time. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PeerAddress, TransportKey } from '@mycelium/protocol';
import type { PathKind, Transport } from '@mycelium/runtime';
import type { TransportSubject } from '@mycelium/simulation';
import { createTransport, type NodeTransport } from '../../src/index.ts';
import { socketPath } from '../../src/links/runtime-folder.ts';

const loopback = { host: '127.0.0.1', port: 0 };

/** A port where nobody listens: taken and given back. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export class NodeTransports implements TransportSubject {
  readonly #path: PathKind;
  readonly #open: Transport[] = [];
  readonly #folders: string[] = [];
  readonly #shared: string;
  readonly #emptyPort: number;

  constructor(over: PathKind, emptyPort: number) {
    this.#path = over;
    this.#emptyPort = emptyPort;
    this.#shared = this.folder();
  }

  folder(): string {
    const folder = mkdtempSync(path.join(tmpdir(), 'mycelium-links-'));
    this.#folders.push(folder);
    return folder;
  }

  create(): NodeTransport {
    const transport = createTransport({
      keySeed: randomBytes(32),
      listen: this.#path === 'unix' || this.#path === 'websocket' ? [] : [loopback],
      ...(this.#path === 'websocket' && { websocket: [loopback] }),
      // Transports meet in a folder only when that is the path under test.
      runtimeFolder: this.#path === 'unix' ? this.#shared : this.folder(),
      paths: [this.#path],
      ...(this.#path === 'udp' && { dht: { role: 'client', bootstrap: [] } }),
    });
    this.#open.push(transport);
    return transport;
  }

  addressOf(listening: Transport): PeerAddress {
    const [address] = listening.addresses;
    return this.#path === 'unix' ? { key: listening.key } : (address ?? { key: listening.key });
  }

  async impostor(expected: Transport, impostor: Transport): Promise<PeerAddress> {
    if (this.#path !== 'unix') return { ...this.addressOf(impostor), key: expected.key };
    const [from, to] = [socketPath(this.#shared, impostor.key), socketPath(this.#shared, expected.key)];
    if (from !== undefined && to !== undefined) symlinkSync(from, to);
    return { key: expected.key };
  }

  nowhere(): PeerAddress {
    const key = randomBytes(32) as Uint8Array as TransportKey;
    if (this.#path === 'unix') return { key };
    const endpoint = { host: '127.0.0.1', port: this.#emptyPort };
    return { key, endpoint: this.#path === 'websocket' ? { ...endpoint, over: 'ws' } : endpoint };
  }

  settle<T>(work: Promise<T>): Promise<T> {
    return work;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((transport) => transport.close()));
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}
