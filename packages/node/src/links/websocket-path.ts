/**
 * Links inside a WebSocket (spec/links.md, "WebSocket"), for networks that let nothing else out: the bytes of handshake and
 * records travel as binary messages. TLS around it hides what is spoken and proves nothing: who the listener is, its
 * handshake inside proves.
 */
import { createServer, STATUS_CODES, type Server as HttpServer } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { formatPeerEndpoint, type PeerEndpoint, type TransportKey } from '@mycelium/protocol';
import { TransportError } from '@mycelium/runtime';
import { createWebSocketStream, WebSocket, WebSocketServer } from 'ws';
import type { KeyPair } from '../declarations/noise.ts';
import type { Endpoint } from './addresses.ts';
import { handshakeTimeoutMs, webSocketHeadBytesMax, webSocketMessageBytesMax } from './bounds.ts';
import { initiate } from './handshake.ts';
import type { SecretLink } from './link.ts';
import { acceptStream, linkOver, listening, type StreamAccept } from './stream-paths.ts';

export interface WebSocketListening extends Endpoint {
  /** Left out: no TLS, for loopback, tests, or behind a proxy that ends it. */
  readonly certificate?: Certificate | undefined;
}

/** PEM. */
export interface Certificate {
  readonly chain: string;
  readonly key: string;
}

export interface WebSocketServing {
  readonly server: HttpServer;
  readonly endpoint: PeerEndpoint;
  /** For connections from now on. Without TLS there is nothing to renew. */
  renew(certificate: Certificate): void;
}

const socketOptions = { maxPayload: webSocketMessageBytesMax, perMessageDeflate: false } as const;

/** @throws TransportError */
export async function dialWebSocket(dial: {
  readonly endpoint: PeerEndpoint;
  readonly own: KeyPair;
  readonly expected: TransportKey;
  readonly signal: AbortSignal;
}): Promise<SecretLink> {
  const socket = new WebSocket(`${urlOf(dial.endpoint)}/`, {
    ...socketOptions,
    handshakeTimeout: handshakeTimeoutMs,
    followRedirects: false,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: false,
  });
  const abort = (): void => socket.terminate();
  dial.signal.addEventListener('abort', abort);
  try {
    await opened(socket);
    const stream = streamOf(socket);
    const handshake = await initiate(stream, dial.own, dial.expected);
    if (dial.signal.aborted) throw new TransportError('aborted', 'the dial was given up');
    return linkOver(stream, true, { path: 'websocket', source: undefined }, handshake);
  } catch (error) {
    socket.terminate();
    throw error;
  } finally {
    dial.signal.removeEventListener('abort', abort);
  }
}

function urlOf({ over = 'wss', ...endpoint }: PeerEndpoint): string {
  return formatPeerEndpoint({ ...endpoint, over });
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    let cause: unknown;
    // From here on for good: an `error` without a listener would end the process.
    socket.on('error', (error) => {
      cause = error;
    });
    const failed = (): void =>
      reject(new TransportError('unreachable', 'no WebSocket answers at the address', { cause }));
    socket.once('close', failed);
    socket.once('open', () => {
      socket.off('close', failed);
      resolve();
    });
  });
}

function streamOf(socket: WebSocket): Duplex {
  const stream = createWebSocketStream(socket);
  stream.on('error', () => undefined);
  return stream;
}

/** @throws TransportError `address-in-use`; other failures as the system tells them */
export async function listenOnWebSocket(
  { host, port, certificate }: WebSocketListening,
  how: StreamAccept,
): Promise<WebSocketServing> {
  const secure = certificate && tlsServer(certificate);
  const server = secure ?? createServer(serverBounds);
  const strangers = new HalfOpenSockets(how.halfOpen);
  const sockets = new WebSocketServer({ noServer: true, ...socketOptions, handleProtocols: () => false });
  // Of TLS this is the connection below it: nothing of the handshake has been looked at.
  server.on('connection', (socket: Socket) => {
    const pass = how.gate.enter(socket.remoteAddress);
    if (pass === undefined) return void socket.resetAndDestroy();
    socket.once('close', () => pass.leave());
    strangers.add(socket);
  });
  server.on('request', (_, response) => {
    response.writeHead(426, { connection: 'close', upgrade: 'websocket' }).end(`${STATUS_CODES[426]}\n`);
  });
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      strangers.remove(socket as Socket);
      void acceptStream(streamOf(webSocket), how.gate.source(request.socket.remoteAddress), how);
    });
  });
  await listening(server, { host, port });
  const bound = server.address();
  const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
  const over = certificate === undefined ? 'ws' : 'wss';
  return {
    server,
    endpoint: { host, port: boundPort, over },
    renew: ({ chain: cert, key }) => secure?.setSecureContext({ cert, key, minVersion: 'TLSv1.3' }),
  };
}

const serverBounds = {
  maxHeaderSize: webSocketHeadBytesMax,
  headersTimeout: handshakeTimeoutMs,
  requestTimeout: handshakeTimeoutMs,
  keepAliveTimeout: 1,
  noDelay: true,
} as const;

function tlsServer({ chain: cert, key }: Certificate): TlsServer {
  const handshakeTimeout = handshakeTimeoutMs;
  return createTlsServer({ ...serverBounds, cert, key, minVersion: 'TLSv1.3', handshakeTimeout });
}

/** Connections that are no WebSocket yet, by their other end: TLS wraps the socket that came into another. */
class HalfOpenSockets {
  readonly #halfOpen: StreamAccept['halfOpen'];
  readonly #byEnd = new Map<string, Socket>();

  constructor(halfOpen: StreamAccept['halfOpen']) {
    this.#halfOpen = halfOpen;
  }

  add(socket: Socket): void {
    const end = endOf(socket);
    this.#byEnd.set(end, socket);
    this.#halfOpen.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#halfOpen.remove(socket);
      if (this.#byEnd.get(end) === socket) this.#byEnd.delete(end);
    });
  }

  /** It is a WebSocket now; its handshake has a bound of its own. */
  remove(wrapped: Socket): void {
    const socket = this.#byEnd.get(endOf(wrapped));
    if (socket !== undefined) this.#halfOpen.remove(socket);
  }
}

function endOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ''} ${socket.remotePort ?? 0}`;
}
