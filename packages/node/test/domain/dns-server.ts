/**
 * A DNS server on loopback for tests: UDP and TCP on one port, and the same over HTTPS (RFC 8484). It has what a test
 * publishes and knows no other names.
 */
import { createSocket, type Socket } from 'node:dgram';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decode, encode, type Answer, type DecodedPacket, type Packet } from 'dns-packet';

const tls = path.join(import.meta.dirname, 'tls');
/** Self-signed, for example.com, localhost and 127.0.0.1. */
export const certificateFile: string = path.join(tls, 'certificate.pem');
export const certificate: string = readFileSync(certificateFile, 'utf8');
export const certificateKey: string = readFileSync(path.join(tls, 'key.pem'), 'utf8');

/** What resolvers ask for at most over UDP, since 2020. */
const datagramMax = 1_232;
const codes = { done: 0, failed: 2, noSuchName: 3 } as const;

export class DnsServer {
  readonly #udp: Socket = createSocket('udp4');
  readonly #tcp: Server = createServer((socket) => {
    let held = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      held = Buffer.concat([held, bytes]);
      while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
        const length = held.readUInt16BE(0);
        const answer = this.answer(held.subarray(2, 2 + length));
        const head = Buffer.alloc(2);
        head.writeUInt16BE(answer.length);
        socket.write(Buffer.concat([head, answer]));
        held = held.subarray(2 + length);
      }
    });
  });
  readonly #answers = new Map<string, Answer[]>();
  /** Names that were asked for. */
  readonly asked: string[] = [];
  /** True: it answers that it failed. */
  failing = false;
  port = 0;

  async start(): Promise<this> {
    // A port that is free for both: TCP's is taken, and given back where UDP has it already.
    for (let attempt = 0; this.port === 0 && attempt < 20; attempt += 1) {
      await new Promise<void>((resolve) => this.#tcp.listen(0, '127.0.0.1', resolve));
      const { port } = this.#tcp.address() as AddressInfo;
      const bound = await new Promise<boolean>((resolve) => {
        this.#udp.once('error', () => resolve(false));
        this.#udp.bind(port, '127.0.0.1', () => resolve(true));
      });
      if (bound) this.port = port;
      else await new Promise((resolve) => this.#tcp.close(resolve));
    }
    this.#udp.on('message', (bytes, from) => {
      const whole = this.answer(bytes);
      const sent = whole.length > datagramMax ? truncated(bytes) : whole;
      this.#udp.send(sent, from.port, from.address);
    });
    return this;
  }

  get endpoint(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Replaces what the name has of this type. */
  set(name: string, type: 'TXT' | 'A', values: readonly string[], ttlSeconds = 3_600): void {
    const answers = values.map((value): Answer =>
      type === 'A'
        ? { type, name, ttl: ttlSeconds, data: value }
        : { type, name, ttl: ttlSeconds, data: value.match(/.{1,255}/gs) ?? [''] },
    );
    this.#answers.set(`${name} ${type}`, answers);
  }

  answer(bytes: Uint8Array): Buffer {
    const query: DecodedPacket = decode(Buffer.from(bytes));
    const [question] = query.questions ?? [];
    const name = question?.name.toLowerCase() ?? '';
    this.asked.push(name);
    const answers = this.#answers.get(`${name} ${question?.type}`) ?? [];
    const known = [...this.#answers.keys()].some((key) => key.startsWith(`${name} `));
    const code = this.failing ? codes.failed : known ? codes.done : codes.noSuchName;
    const reply: Packet = {
      type: 'response',
      id: query.id ?? 0,
      flags: 0x8180 | code,
      questions: query.questions ?? [],
      answers: this.failing ? [] : answers,
    };
    return encode(reply);
  }

  async stop(): Promise<void> {
    await Promise.all([
      new Promise<void>((resolve) => this.#udp.close(resolve)),
      new Promise((resolve) => this.#tcp.close(resolve)),
    ]);
  }
}

function truncated(bytes: Uint8Array): Buffer {
  const { id, questions } = decode(Buffer.from(bytes));
  return encode({ type: 'response', id: id ?? 0, flags: 0x8380, questions: questions ?? [] });
}

export interface HttpsServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** `respond` has the body of the request and answers what to send. */
export async function startHttps(
  respond: (request: { readonly path: string; readonly host: string; readonly body: Buffer }) => {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Uint8Array | string;
  },
): Promise<HttpsServer> {
  const server = createHttpsServer({ cert: certificate, key: certificateKey }, (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { url = '', headers } = request;
      const answer = respond({ path: url, host: headers.host ?? '', body: Buffer.concat(parts) });
      response.on('error', () => undefined);
      response.writeHead(answer.status, { ...answer.headers }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** DNS over HTTPS in front of a server of ours. */
export function startDnsOverHttps(dns: Pick<DnsServer, 'answer'>): Promise<HttpsServer> {
  return startHttps(({ body }) => ({
    status: 200,
    headers: { 'content-type': 'application/dns-message' },
    body: dns.answer(body),
  }));
}
