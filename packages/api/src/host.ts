/**
 * The daemon's end of one connection, whatever carries it: text in, lines out. Nothing that comes in can throw out of
 * here. Requests are performed side by side and answered as they are done.
 */
import { ApiError } from './codes.ts';
import { EventFeed } from './event-feed.ts';
import { lineLengthMax, subscriptionsMax } from './limits.ts';
import { LineReader } from './lines.ts';
import {
  checkParams,
  encodeError,
  encodeEvent,
  encodeResult,
  parseRequest,
  type Request,
  type RequestId,
} from './request.ts';
import { RequestPace, type PacedChannel } from './request-pace.ts';
import type { ApiEvent, MethodName, Params, Result } from './types.ts';

type OfConnection = 'session.open' | 'session.pair' | 'events.subscribe' | 'events.unsubscribe';
type HostMethod = Exclude<MethodName, OfConnection>;

export type ApiHandlers = {
  readonly [M in HostMethod]: (params: Params<M>) => Result<M> | Promise<Result<M>>;
};

export interface ApiHost {
  readonly version: string;
  readonly handlers: ApiHandlers;
  /** Compares in constant time. */
  isToken(token: string): boolean;
  /** A token for who brings the code of `page.open`. @throws ApiError `wrong-code` */
  pair(code: string, name: string): string;
  subscribe(since: number | undefined, listen: (event: ApiEvent) => void): () => void;
  /** An error that a handler threw, as it is told. What is not the caller's to know becomes `internal` and is logged. */
  explain(error: unknown, method: MethodName): ApiError;
}

export interface ApiChannel extends PacedChannel {
  /** False: the other end is slow; events are held back until `drained`. */
  send(line: string): boolean;
  close(): void;
}

export interface ApiConnection {
  /** From a stream: text in pieces of any size, one request a line. */
  received(piece: string): void;
  /** From a channel that keeps messages apart: one whole request. */
  receivedMessage(message: string): void;
  drained(): void;
  closed(): void;
}

export function serveApi(host: ApiHost, channel: ApiChannel): ApiConnection {
  return new HostConnection(host, channel);
}

class HostConnection implements ApiConnection {
  readonly #host: ApiHost;
  readonly #channel: ApiChannel;
  readonly #lines = new LineReader(lineLengthMax);
  readonly #feeds = new Map<number, EventFeed>();
  #subscriptions = 0;
  readonly #pace: RequestPace;
  #authenticated = false;
  #open = true;

  constructor(host: ApiHost, channel: ApiChannel) {
    this.#host = host;
    this.#channel = channel;
    this.#pace = new RequestPace(channel, (line) => {
      if (this.#open) this.#receiveLine(line);
    });
  }

  received(piece: string): void {
    if (!this.#open) return;
    const lines = this.#lines.read(piece);
    if (lines === undefined) return this.#endTooLarge();
    this.#pace.add(lines);
  }

  receivedMessage(message: string): void {
    if (!this.#open) return;
    if (message.length > lineLengthMax) return this.#endTooLarge();
    this.#pace.add([message]);
  }

  drained(): void {
    for (const feed of this.#feeds.values()) feed.resume();
  }

  closed(): void {
    this.#open = false;
    this.#pace.drop();
    for (const feed of this.#feeds.values()) feed.stop();
    this.#feeds.clear();
  }

  #receiveLine(line: string): void {
    const request = parseRequest(line);
    if ('error' in request) return this.#refuse(request.id, request.error);
    const id = request.id ?? null;
    if (!this.#authenticated && request.method !== 'session.open' && request.method !== 'session.pair') {
      this.#refuse(
        id,
        new ApiError('not-authenticated', 'Call session.open with the token from api.token first.'),
      );
      return this.#end();
    }
    void this.#answer(request, this.#pace.begin(line.length));
  }

  async #answer(request: Request, answered: () => void): Promise<void> {
    const { id, method } = request;
    try {
      const result = await this.#perform(method, request.params);
      if (this.#open && id !== undefined) this.#channel.send(encodeResult(id, result));
    } catch (error) {
      const told = error instanceof ApiError ? error : this.#host.explain(error, method);
      if (id !== undefined) this.#refuse(id, told);
      if (told.code === 'not-authenticated' || told.code === 'wrong-code') this.#end();
    } finally {
      answered();
    }
  }

  #perform(method: MethodName, params: unknown): unknown {
    if (method === 'session.open') return this.#openSession(checkParams(method, params));
    if (method === 'session.pair') return this.#pairSession(checkParams(method, params));
    if (method === 'events.subscribe') return this.#subscribe(checkParams(method, params));
    if (method === 'events.unsubscribe') return this.#unsubscribe(checkParams(method, params));
    // The table ties each name to its handler; TypeScript cannot follow one name through both.
    const handle = this.#host.handlers[method] as (checked: unknown) => unknown;
    return handle(checkParams(method, params));
  }

  #openSession({ token }: Params<'session.open'>): Result<'session.open'> {
    if (!this.#host.isToken(token)) {
      throw new ApiError(
        'not-authenticated',
        'token: it is not the one in api.token of this data folder.',
        'token',
      );
    }
    this.#authenticated = true;
    return { version: this.#host.version };
  }

  #pairSession({ code, name }: Params<'session.pair'>): Result<'session.pair'> {
    const token = this.#host.pair(code, name);
    this.#authenticated = true;
    return { token, version: this.#host.version };
  }

  #subscribe({ since }: Params<'events.subscribe'>): Result<'events.subscribe'> {
    if (this.#feeds.size >= subscriptionsMax) {
      throw new ApiError('too-many', `At most ${subscriptionsMax} subscriptions fit in one connection.`);
    }
    const subscription = (this.#subscriptions += 1);
    const send = (event: ApiEvent): boolean => this.#channel.send(encodeEvent(subscription, event));
    const feed = new EventFeed(this.#host, since, send);
    this.#feeds.set(subscription, feed);
    feed.start();
    return { subscription };
  }

  #unsubscribe({ subscription }: Params<'events.unsubscribe'>): Result<'events.unsubscribe'> {
    this.#feeds.get(subscription)?.stop();
    this.#feeds.delete(subscription);
    return {};
  }

  #refuse(id: RequestId | null, error: ApiError): void {
    if (this.#open) this.#channel.send(encodeError(id, error));
  }

  #endTooLarge(): void {
    this.#refuse(null, new ApiError('too-large', `A request may have at most ${lineLengthMax} characters.`));
    this.#end();
  }

  #end(): void {
    this.closed();
    this.#channel.close();
  }
}
