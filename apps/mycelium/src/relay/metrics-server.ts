/**
 * The figures over HTTP, for a Prometheus on this machine: `GET /metrics` on 127.0.0.1. A page in a browser here could ask
 * too, under a name of its own that leads to this machine; so the Host header has to name the loopback address.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { FailedError } from '../failures.ts';
import type { RelayMetrics } from './relay-metrics.ts';

export interface MetricsServer {
  /** `http://127.0.0.1:PORT/metrics` */
  readonly url: string;
  close(): Promise<void>;
}

/** Port 0: any free one. @throws FailedError `address-in-use`, `listen` */
export async function serveMetrics(
  port: number,
  metrics: Pick<RelayMetrics, 'contentType' | 'text'>,
): Promise<MetricsServer> {
  const server = createServer({ maxHeaderSize: 8_192 }, (request, response) => {
    answer(request, response, metrics).catch(() => response.destroy());
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 5_000;
  server.keepAliveTimeout = 5_000;
  server.maxConnections = 16;
  await listen(server, port);
  const bound = server.address();
  const url = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : port}/metrics`;
  return {
    url,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: Error & { readonly code?: string }) => {
      const code = cause.code === 'EADDRINUSE' ? 'address-in-use' : 'listen';
      const reason =
        code === 'listen' ? `it cannot be used (${cause.code})` : 'another program listens there';
      reject(new FailedError(code, `metrics.port: ${reason}. Choose another port, or 0.`, { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: Pick<RelayMetrics, 'contentType' | 'text'>,
): Promise<void> {
  const refuse = (status: number, sentence: string): void => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${sentence}\n`);
  };
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? ''))
    return refuse(403, 'Ask for 127.0.0.1.');
  if (request.url !== '/metrics') return refuse(404, 'There is /metrics here.');
  if (request.method !== 'GET') return refuse(405, 'Only GET.');
  const text = await metrics.text();
  response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
}
