/** The other end: typed calls and events over a channel of text. Knows nothing of sockets. */
import * as v from 'valibot';
import { ApiError, isApiErrorCode } from './codes.ts';
import { answerLengthMax } from './limits.ts';
import { LineReader } from './lines.ts';
import { methods } from './methods.ts';
import { encodeRequest } from './request.ts';
import { eventSchema } from './schemas.ts';
import type { ApiEvent, MethodName, Params, Result } from './types.ts';

/** The connection ended before the answer came. */
export class ApiClosedError extends Error {
  constructor(reason: string) {
    super(`The node went away: ${reason}`);
    this.name = 'ApiClosedError';
  }
}

export interface ApiCaller {
  /** @throws ApiError, ApiClosedError */
  call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>>;
  /** Events of all subscriptions of this connection. One listener; set before subscribing. */
  onEvent(listen: (event: ApiEvent) => void): void;
  received(piece: string): void;
  closed(reason: string): void;
}

const answerSchema = v.object({
  id: v.nullish(v.union([v.number(), v.string()])),
  method: v.optional(v.string()),
  params: v.optional(v.object({ subscription: v.number(), event: v.unknown() })),
  result: v.optional(v.unknown()),
  error: v.optional(
    v.object({
      message: v.string(),
      data: v.object({ code: v.string(), field: v.optional(v.string()) }),
    }),
  ),
});
type Answer = v.InferOutput<typeof answerSchema>;

interface Waiting {
  readonly method: MethodName;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export function createApiCaller(send: (line: string) => void): ApiCaller {
  const waiting = new Map<number, Waiting>();
  const lines = new LineReader(answerLengthMax);
  let listen: (event: ApiEvent) => void = () => undefined;
  let ended: ApiClosedError | undefined;
  let lastId = 0;

  const closed = (reason: string): void => {
    ended ??= new ApiClosedError(reason);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  const take = (line: string): void => {
    const answer = parseAnswer(line);
    if (answer === undefined) return closed('it sent what is not an answer; is it another version?');
    if (answer.method === 'event') {
      const event = v.safeParse(eventSchema, answer.params?.event);
      if (event.success) listen(event.output); // others are of a newer version
      return;
    }
    const asked = typeof answer.id === 'number' ? waiting.get(answer.id) : undefined;
    if (asked === undefined) {
      // Without an id it is about the connection, not about a call.
      if (answer.error !== undefined && answer.id == null) closed(answer.error.message);
      return;
    }
    waiting.delete(answer.id as number);
    settle(asked, answer);
  };

  return {
    call: <M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        const id = (lastId += 1);
        waiting.set(id, { method, resolve: resolve as (result: unknown) => void, reject });
        send(encodeRequest(id, method, params));
      }),
    onEvent: (listener) => {
      listen = listener;
    },
    received: (piece) => {
      const whole = lines.read(piece);
      if (whole === undefined) return closed('it sent a line that is too long');
      for (const line of whole) take(line);
    },
    closed,
  };
}

function parseAnswer(line: string): Answer | undefined {
  try {
    const checked = v.safeParse(answerSchema, JSON.parse(line));
    return checked.success ? checked.output : undefined;
  } catch {
    return undefined;
  }
}

function settle(asked: Waiting, answer: Answer): void {
  if (answer.error !== undefined) {
    const { code, field } = answer.error.data;
    asked.reject(new ApiError(isApiErrorCode(code) ? code : 'internal', answer.error.message, field));
    return;
  }
  const result = v.safeParse(methods[asked.method].result, answer.result);
  if (result.success) asked.resolve(result.output);
  else
    asked.reject(
      new ApiError('internal', `The node's answer to ${asked.method} is not what this version knows.`),
    );
}
