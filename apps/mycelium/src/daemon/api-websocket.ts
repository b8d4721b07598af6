/**
 * The API over WebSocket and the page that speaks it, on 127.0.0.1 alone: the same contract as over the socket, one JSON-RPC
 * object a message, the token first. It says 403 before the upgrade to whoever comes by another name or from another site.
 */
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { lineLengthMax, serveApi, type ApiHost } from '@mycelium/api';
import { WebSocketServer, type WebSocket } from 'ws';
import { FailedError } from '../failures.ts';
import { Admission, type AdmissionBounds } from './admission.ts';
import { unreadBytesMax } from './api-socket.ts';
import { isOfThisHost, strictHeaders } from './loopback-guard.ts';
import { answerPageFile, readPageFiles, type PageFiles } from './page-files.ts';

const usualBounds: AdmissionBounds = { unprovenMs: 10_000, unprovenMax: 32, provenMax: 64 };
const headerBytesMax = 8_192;
/** How long the other end may take over saying goodbye. */
const lingerMs = 1_000;

/** Close codes of RFC 6455, section 7.4.1. */
const goingAway = 1001;
const unsupportedData = 1003;
const policyViolation = 1008;

export interface ApiWebSocket {
  /** `ws://127.0.0.1:PORT` */
  readonly url: string;
  /** Whoever is connected has to bring a token again. */
  endSessions(): void;
  close(): Promise<void>;
}

/** @throws FailedError `address-in-use` */
export async function openApiWebSocket(
  wanted: number,
  host: ApiHost,
  bounds: AdmissionBounds = usualBounds,
): Promise<ApiWebSocket> {
  const server = createServer({ maxHeaderSize: headerBytesMax, requireHostHeader: false });
  const admission = new Admission(bounds);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: lineLengthMax,
    perMessageDeflate: false,
    handleProtocols: () => false,
  });
  const port = await listen(server, wanted);
  server.on('connection', (socket) => admission.admit(socket));
  const page = readPageFiles();
  server.on('request', (request, response) => answer(request, response, page, port));
  server.on('upgrade', (request, socket, head) => {
    const status = refusalOf(request, port);
    if (status !== undefined) return refuse(socket, status);
    return sockets.handleUpgrade(request, socket, head, (webSocket) => {
      serve(
        webSocket,
        socket,
        proving(host, () => admission.prove(socket)),
      );
    });
  });
  return {
    url: `ws://127.0.0.1:${port}`,
    endSessions: () => {
      for (const webSocket of sockets.clients) webSocket.close(policyViolation, 'a browser was forgotten');
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      admission.destroyUnproven();
      for (const webSocket of sockets.clients) webSocket.close(goingAway, 'the node stops');
      const timer = setTimeout(() => admission.destroyAll(), lingerMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    throw new FailedError(
      'address-in-use',
      `--api-port: port ${port} of 127.0.0.1 is not free. Choose another port, or 0 for any free one.`,
      { cause },
    );
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** The page's files, to this machine's browsers; no other address has anything. */
function answer(request: IncomingMessage, response: ServerResponse, page: PageFiles, port: number): void {
  const end = (status: number, text = STATUS_CODES[status]): void => {
    response.writeHead(status, strictHeaders).end(`${text}\n`);
  };
  if (!isOfThisHost(request, port)) return end(403);
  const { method, url } = request;
  if (method !== 'GET' && method !== 'HEAD') return end(405);
  if (url === '/' && page.size === 0)
    return end(503, 'The page is not built here. "npm run page" builds it; then start the node again.');
  const file = page.get(url ?? '');
  if (file === undefined) return end(404);
  const host = request.headers.host ?? '';
  return answerPageFile(response, file, { host, headers: strictHeaders, withBody: method === 'GET' });
}

/** A path other than `/` is refused whole, so that nobody makes a habit of a token in a URL. */
function refusalOf(request: IncomingMessage, port: number): 403 | 404 | undefined {
  if (!isOfThisHost(request, port)) return 403;
  return request.url === '/' ? undefined : 404;
}

function refuse(socket: Duplex, status: 403 | 404): void {
  const body = `${STATUS_CODES[status]}\n`;
  const headers = Object.entries({ ...strictHeaders, 'Content-Length': String(body.length) });
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers.map((header) => header.join(': '))];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

/** Tells when a connection has brought the token. */
function proving(host: ApiHost, proved: () => void): ApiHost {
  return {
    ...host,
    isToken: (given) => {
      const is = host.isToken(given);
      if (is) proved();
      return is;
    },
    pair: (code, name) => {
      const token = host.pair(code, name);
      proved();
      return token;
    },
  };
}

function serve(webSocket: WebSocket, socket: Duplex, host: ApiHost): void {
  const end = (code: number): void => {
    webSocket.close(code);
    setTimeout(() => webSocket.terminate(), lingerMs).unref();
  };
  const connection = serveApi(host, {
    send: (line) => {
      // Events wait for a slow reader. One that asks and asks and never reads is not waited for.
      if (webSocket.bufferedAmount > unreadBytesMax) webSocket.terminate();
      webSocket.send(line);
      return !socket.writableNeedDrain;
    },
    close: () => end(policyViolation),
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
  });
  webSocket.on('message', (data, isBinary) => {
    if (!isBinary && Buffer.isBuffer(data)) return connection.receivedMessage(data.toString('utf8'));
    connection.closed();
    return end(unsupportedData);
  });
  socket.on('drain', () => connection.drained());
  webSocket.on('close', () => connection.closed());
  webSocket.on('error', () => undefined); // `close` follows
}
