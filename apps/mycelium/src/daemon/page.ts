/**
 * The page in a browser of this machine, and the API over WebSocket, which it speaks: one port of 127.0.0.1. Nothing
 * listens until a person asks for the page or names a port; from then on the port stays, so that a bookmark does.
 */
import { rmSync } from 'node:fs';
import type { ApiHost, PageAccess } from '@mycelium/api';
import { ApiError } from '@mycelium/api';
import type { DataFiles } from '../data-folder.ts';
import { FailedError } from '../failures.ts';
import type { ApiWebSocket } from './api-websocket.ts';
import { Browsers } from './browsers.ts';
import type { Log } from './log.ts';
import { PairingCodes } from './pairing-code.ts';
import { readPrivate, writePrivate } from './private-files.ts';

export interface PageParts {
  readonly files: DataFiles;
  /** From the command line; undefined: none was named. */
  readonly port: number | undefined;
  readonly log: Log;
  readonly nowMs: () => number;
}

export class Page {
  readonly #parts: PageParts;
  readonly #codes: PairingCodes;
  readonly browsers: Browsers;
  #host: ApiHost | undefined;
  #opening: Promise<ApiWebSocket> | undefined;
  #open: ApiWebSocket | undefined;

  constructor(parts: PageParts) {
    this.#parts = parts;
    this.#codes = new PairingCodes(parts.nowMs);
    this.browsers = new Browsers(parts.files.browsers);
  }

  /** `ws://127.0.0.1:PORT` while it listens. */
  get url(): string | undefined {
    return this.#open?.url;
  }

  /** Listens where the command line says, or where it did before. @throws FailedError `address-in-use`, for a port that was named */
  async start(host: ApiHost): Promise<void> {
    this.#host = host;
    const { port, log } = this.#parts;
    if (port !== undefined) {
      await this.#listen(port);
      return;
    }
    const remembered = this.#remembered();
    if (remembered === undefined) return;
    try {
      await this.#listen(remembered);
    } catch (error) {
      if (!(error instanceof FailedError)) throw error;
      log.warn(
        'page',
        `port ${remembered} of 127.0.0.1 is not free: the page is not served until it is asked for`,
      );
    }
  }

  /** Where it is, with a code that pairs one browser. */
  async access(): Promise<PageAccess> {
    const websocket = this.#open ?? (await this.#listen(this.#remembered() ?? 0));
    const { text, expires } = this.#codes.make();
    const url = websocket.url.replace(/^ws:/, 'http:');
    writePrivate(this.#parts.files.pagePort, `${new URL(url).port}\n`);
    return { url: `${url}/`, code: text, expires };
  }

  /** The token of a browser that brought the code. @throws ApiError `wrong-code` */
  pair(code: string, name: string): string {
    if (!this.#codes.use(code)) {
      throw new ApiError(
        'wrong-code',
        'code: it is wrong, has been used, or is older than five minutes. "mycelium page" shows a new one.',
        'code',
      );
    }
    return this.browsers.add(name, this.#parts.nowMs());
  }

  /** Its token is good for nothing any more, also where it is in use. @throws ApiError `not-found` */
  forget(id: string): void {
    if (!this.browsers.forget(id)) throw new ApiError('not-found', 'id: no browser has this id.', 'id');
    this.#open?.endSessions();
  }

  /** Nothing listens any more, and nothing will after the next start. */
  async turnOff(): Promise<void> {
    rmSync(this.#parts.files.pagePort, { force: true });
    await this.close();
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    this.#opening = undefined;
    await open?.close();
  }

  #listen(port: number): Promise<ApiWebSocket> {
    const host = this.#host;
    if (host === undefined) throw new Error('the page is asked for before it was started');
    this.#opening ??= openOn(port, host).then(
      (open) => (this.#open = open),
      (error: unknown) => {
        this.#opening = undefined;
        throw error;
      },
    );
    return this.#opening;
  }

  #remembered(): number | undefined {
    const port = Number.parseInt(readPrivate(this.#parts.files.pagePort) ?? '', 10);
    return port >= 1024 && port <= 65_535 ? port : undefined;
  }
}

/** Only who wants it loads it. */
async function openOn(port: number, host: ApiHost): Promise<ApiWebSocket> {
  const { openApiWebSocket } = await import('./api-websocket.ts');
  return openApiWebSocket(port, host);
}
