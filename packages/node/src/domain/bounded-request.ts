/**
 * One HTTPS request to a server that may be anybody's: the answer is bounded in size and time, redirects are not
 * followed, and nothing is kept open.
 */
import https, { type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Cancellation } from '@mycelium/runtime';
import { ResolverError } from './names.ts';

export interface BoundedRequest {
  readonly options: RequestOptions;
  readonly body?: Uint8Array;
  readonly bytesMax: number;
  readonly withinMs: number;
  readonly cancellation?: Cancellation | undefined;
}

export interface BoundedAnswer {
  readonly status: number;
  readonly type: string;
  readonly maxAgeMs: number | undefined;
  readonly body: Uint8Array;
}

/** @throws ResolverError */
export async function requestBounded(wish: BoundedRequest): Promise<BoundedAnswer> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  if (wish.cancellation?.aborted === true) throw new ResolverError('it was called off');
  wish.cancellation?.addEventListener('abort', end);
  const timer = setTimeout(end, wish.withinMs);
  try {
    const answer = await begin(wish, ending.signal);
    return {
      status: answer.statusCode ?? 0,
      type: (answer.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
      maxAgeMs: maxAgeMs(answer.headers['cache-control']),
      body: await readBounded(answer, wish.bytesMax),
    };
  } catch (error) {
    if (error instanceof ResolverError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    const reason = ending.signal.aborted ? 'it did not answer in time' : `it could not be asked (${code})`;
    throw new ResolverError(reason, { cause: error });
  } finally {
    clearTimeout(timer);
    wish.cancellation?.removeEventListener('abort', end);
  }
}

function begin({ options, body }: BoundedRequest, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = https.request({ ...options, agent: false, signal }, resolve);
    request.once('error', reject);
    request.end(body);
  });
}

async function readBounded(answer: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer) {
    if (!(part instanceof Uint8Array)) continue;
    length += part.length;
    if (length > bytesMax) {
      answer.destroy();
      throw new ResolverError(`its answer has more than ${bytesMax} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function maxAgeMs(header: string | undefined): number | undefined {
  const found = /(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])/i.exec(header ?? '');
  return found?.[1] === undefined ? undefined : Number(found[1]) * 1_000;
}
