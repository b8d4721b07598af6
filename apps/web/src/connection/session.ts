/**
 * The page's session with its node: a WebSocket that is opened again whenever it ends. Each time it opens, `opened` is
 * called with a caller that is good until it closes.
 */
import { ApiError, createApiCaller, type ApiCaller, type ApiEvent } from '@mycelium/api';
import { forgetToken, keepToken, readToken } from './token.ts';

/** `unpaired`: the node does not know this browser, and wants a code. */
export type LinkState = 'connecting' | 'open' | 'lost' | 'unpaired';

export interface SessionListener {
  changed(state: LinkState): void;
  /** Events may come before it has ended. */
  opened(caller: ApiCaller): Promise<void>;
  happened(event: ApiEvent): void;
}

const retryMinMs = 300;
const retryMaxMs = 10_000;

export class Session {
  readonly #url: string;
  readonly #listener: SessionListener;
  #retryMs = retryMinMs;

  constructor(url: string, listener: SessionListener) {
    this.#url = url;
    this.#listener = listener;
  }

  start(): void {
    const token = readToken();
    if (token === undefined) this.#listener.changed('unpaired');
    else this.#connect((caller) => caller.call('session.open', { token }));
  }

  /** With the code that the node showed. @throws ApiError `wrong-code`, ApiClosedError */
  pair(code: string, browser: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#connect(async (caller) => {
        try {
          const { token } = await caller.call('session.pair', { code, name: browser });
          keepToken(token);
          resolve();
        } catch (error) {
          reject(error);
          throw error;
        }
      });
    });
  }

  #connect(prove: (caller: ApiCaller) => Promise<unknown>): void {
    this.#listener.changed('connecting');
    const socket = new WebSocket(this.#url);
    const caller = createApiCaller((line) => socket.send(line));
    caller.onEvent((event) => this.#listener.happened(event));
    socket.addEventListener('message', ({ data }) => caller.received(String(data)));
    socket.addEventListener('close', () => {
      caller.closed('the connection was closed');
      this.#ended();
    });
    socket.addEventListener('open', () => void this.#begin(socket, caller, prove));
  }

  async #begin(
    socket: WebSocket,
    caller: ApiCaller,
    prove: (caller: ApiCaller) => Promise<unknown>,
  ): Promise<void> {
    try {
      await prove(caller);
      await this.#listener.opened(caller);
      this.#retryMs = retryMinMs;
      this.#listener.changed('open');
    } catch (error) {
      if (error instanceof ApiError && error.code === 'not-authenticated') forgetToken();
      socket.close();
    }
  }

  #ended(): void {
    if (readToken() === undefined) {
      this.#listener.changed('unpaired');
      return;
    }
    this.#listener.changed('lost');
    // Half of it at random, so that many pages do not come at one moment.
    const waitMs = this.#retryMs * (0.5 + Math.random() / 2);
    this.#retryMs = Math.min(retryMaxMs, this.#retryMs * 2);
    setTimeout(() => this.start(), waitMs);
  }
}
