/** Links over byte streams of the system, TCP and Unix sockets: dialling and listening. */
import { createServer, Socket, type ListenOptions, type NetConnectOpts, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import type { KeyPair } from '../declarations/noise.ts';
import type { FinishedHandshake } from '../declarations/secret-stream.ts';
import type { TransportKey } from '@mycelium/protocol';
import { TransportError, type PathKind } from '@mycelium/runtime';
import type { ConnectionGate } from './connection-gate.ts';
import type { HalfOpenConnections } from './half-open.ts';
import { initiate, respond } from './handshake.ts';
import { SecretLink } from './link.ts';
import { plainRecords } from './record-stream.ts';
import { BoundedSecretStream } from './secret-stream.ts';

export interface StreamDial {
  readonly path: PathKind;
  readonly target: NetConnectOpts;
  readonly own: KeyPair;
  readonly expected: TransportKey;
  readonly signal: AbortSignal;
}

/** @throws TransportError */
export async function dialStream(dial: StreamDial): Promise<SecretLink> {
  const socket = new Socket();
  const abort = (): void => void socket.destroy();
  dial.signal.addEventListener('abort', abort);
  try {
    await connected(socket, dial.target);
    const handshake = await initiate(socket, dial.own, dial.expected);
    if (dial.signal.aborted) throw new TransportError('aborted', 'the dial was given up');
    return linkOver(socket, true, { path: dial.path, source: undefined }, handshake);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    dial.signal.removeEventListener('abort', abort);
  }
}

async function connected(socket: Socket, target: NetConnectOpts): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (cause?: unknown): void =>
      reject(new TransportError('unreachable', 'nobody answers at the address', { cause }));
    socket.once('error', failed);
    socket.once('close', failed);
    socket.connect(target, () => {
      socket.off('close', failed);
      socket.off('error', failed);
      resolve();
    });
  });
  // From here on a failure is told by `close`, and an `error` without a listener would end the process.
  socket.on('error', () => undefined);
  socket.setNoDelay(true);
}

export interface StreamAccept {
  readonly path: PathKind;
  readonly own: KeyPair;
  readonly halfOpen: HalfOpenConnections;
  readonly gate: ConnectionGate;
  accept(link: SecretLink): void;
}

/**
 * Connections that the gate does not let in are reset, before any work for them.
 * @throws TransportError `address-in-use`; other failures as the system tells them
 */
export async function listenOnStream(where: ListenOptions, how: StreamAccept): Promise<Server> {
  const server = createServer((socket) => {
    const pass = how.gate.enter(socket.remoteAddress);
    if (pass === undefined) return void socket.resetAndDestroy();
    socket.once('close', () => pass.leave());
    void acceptStream(socket, pass.source, how);
  });
  await listening(server, where);
  return server;
}

/** @throws TransportError `address-in-use`; other failures as the system tells them */
export async function listening(server: Server, where: ListenOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: Error & { code?: string }) => {
      const taken = cause.code === 'EADDRINUSE';
      reject(
        taken ? new TransportError('address-in-use', 'another program listens there', { cause }) : cause,
      );
    });
    server.listen(where, resolve);
  });
  // Running out of file descriptors, for instance: that connection is lost, the listener goes on.
  server.on('error', () => undefined);
}

/** Whatever carries it: a socket, or the stream inside a WebSocket. The source is who is charged for it. */
export async function acceptStream(
  stream: Duplex,
  source: string | undefined,
  how: StreamAccept,
): Promise<void> {
  stream.on('error', () => undefined);
  if (stream instanceof Socket) stream.setNoDelay(true);
  how.halfOpen.add(stream);
  try {
    const handshake = await respond(stream, how.own);
    how.halfOpen.remove(stream);
    how.gate.proved();
    how.accept(linkOver(stream, false, { path: how.path, source }, handshake));
  } catch {
    how.halfOpen.remove(stream);
    stream.end(() => stream.destroy());
  }
}

export function linkOver(
  carrier: Duplex,
  initiator: boolean,
  { path, source }: { readonly path: PathKind; readonly source: string | undefined },
  handshake: FinishedHandshake,
): SecretLink {
  const stream = new BoundedSecretStream(initiator, carrier, { handshake });
  return new SecretLink(plainRecords(stream), path, handshake.remotePublicKey as TransportKey, source);
}
