/**
 * The connection to a NATS cluster: made once, made again for ever when it is lost, to whichever server answers. What is
 * under way when it is lost fails at once, so that nobody waits for an answer that cannot come. The library is loaded only
 * here, and only when a relay wants it.
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import { JetStreamStoreError } from './error.ts';

export interface NatsWish {
  /** `host:port` of one or more servers of the cluster. */
  readonly servers: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly tls?: boolean;
}

export interface Nats {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly newHeaders: () => MsgHdrs;
}

const connectTimeoutMs = 5000;
const requestTimeoutMs = 2000;
/** A server that is there and silent is given up after three of these. */
const pingEveryMs = 2000;

export class ConnectionLostError extends Error {}

export class Connection {
  readonly nats: Nats;
  #lost: PromiseWithResolvers<never> | undefined;
  #closed = false;
  readonly #back = new Set<() => void>();
  /** For the log. */
  onChange: (isUp: boolean) => void = () => undefined;

  private constructor(nats: Nats) {
    this.nats = nats;
    this.#renew();
    void this.#watch();
  }

  /** @throws JetStreamStoreError `store-unreachable`, `store-refused` */
  static async open(wish: NatsWish): Promise<Connection> {
    const [core, jetstream] = await Promise.all([
      import('@nats-io/transport-node'),
      import('@nats-io/jetstream'),
    ]);
    const connection = await core
      .connect({
        servers: [...wish.servers],
        ...(wish.user === undefined ? {} : { user: wish.user }),
        ...(wish.password === undefined ? {} : { pass: wish.password }),
        ...(wish.tls === true ? { tls: {} } : {}),
        name: 'mycelium relay',
        timeout: connectTimeoutMs,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 200,
        reconnectJitter: 200,
        pingInterval: pingEveryMs,
        maxPingOut: 2,
      })
      .catch((cause: unknown) => {
        throw connectFailure(wish, cause);
      });
    const options = { timeout: requestTimeoutMs };
    return new Connection({
      connection,
      client: jetstream.jetstream(connection, options),
      manager: await jetstream.jetstreamManager(connection, { ...options, checkAPI: false }),
      newHeaders: core.headers,
    });
  }

  get isUp(): boolean {
    return this.#lost !== undefined;
  }

  /** Called each time that a lost connection has been made again. */
  onBack(back: () => void): void {
    this.#back.add(back);
  }

  /** @throws ConnectionLostError when the connection is lost, or is lost before the answer */
  ask<T>(question: () => Promise<T>): Promise<T> {
    const lost = this.#lost;
    if (lost === undefined) return Promise.reject(new ConnectionLostError('no connection to NATS'));
    return Promise.race([question(), lost.promise]);
  }

  /** Resolves when there is a connection, at the latest after `ms`. */
  async untilUp(ms: number): Promise<void> {
    if (this.isUp || this.#closed) return;
    const up = Promise.withResolvers<undefined>();
    const resolve = (): void => up.resolve(undefined);
    const timer = setTimeout(resolve, ms);
    this.#back.add(resolve);
    await up.promise;
    clearTimeout(timer);
    this.#back.delete(resolve);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#lose();
    await this.nats.connection.close();
  }

  #renew(): void {
    this.#lost = Promise.withResolvers<never>();
    this.#lost.promise.catch(() => undefined);
  }

  #lose(): void {
    if (this.#lost === undefined) return;
    this.#lost.reject(new ConnectionLostError('the connection to NATS was lost'));
    this.#lost = undefined;
    if (!this.#closed) this.onChange(false);
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.nats.connection.status()) {
      if (type === 'disconnect' || type === 'staleConnection') this.#lose();
      if (type !== 'reconnect' || this.#closed) continue;
      if (!this.isUp) {
        this.#renew();
        this.onChange(true);
      }
      for (const back of Array.from(this.#back)) back();
    }
  }
}

function connectFailure(wish: NatsWish, cause: unknown): JetStreamStoreError {
  const where = wish.servers.join(', ');
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (/auth|permission/i.test(reason)) {
    const message = `--store: NATS at ${where} does not let us in (${reason}). Give nats://USER:PASSWORD@HOST:PORT.`;
    return new JetStreamStoreError('store-refused', message, { cause });
  }
  const message = `--store: no NATS server answers at ${where} (${reason}). Start nats-server -js there, or name another.`;
  return new JetStreamStoreError('store-unreachable', message, { cause });
}
