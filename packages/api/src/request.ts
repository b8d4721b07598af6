/**
 * JSON-RPC 2.0 requests as text to values (jsonrpc.org/specification), without batches and positional parameters. A
 * refusal names the field and the rule.
 */
import * as v from 'valibot';
import { apiCodes, ApiError } from './codes.ts';
import { isMethodName, methods } from './methods.ts';
import type { MethodName, Params } from './types.ts';

export type RequestId = string | number;
const idLengthMax = 128;

export interface Request {
  /** Undefined: a notification, which is performed and not answered. */
  readonly id: RequestId | undefined;
  readonly method: MethodName;
  readonly params: unknown;
}

/** A refused request, with its id where one could be read: the answer's `id` is null otherwise. */
export interface RefusedRequest {
  readonly id: RequestId | null;
  readonly error: ApiError;
}

const isId = (id: unknown): id is RequestId =>
  typeof id === 'string' ? id.length <= idLengthMax : Number.isSafeInteger(id);

const isObject = (params: unknown): params is object =>
  typeof params === 'object' && params !== null && !Array.isArray(params);

const envelope = v.strictObject({
  jsonrpc: v.literal('2.0', 'must be "2.0"'),
  id: v.optional(
    v.custom<RequestId>(isId, `must be a whole number or a text of at most ${idLengthMax} characters`),
  ),
  method: v.string('must be text'),
  params: v.optional(v.custom<object>(isObject, 'must be an object with named parameters')),
});

export function parseRequest(line: string): Request | RefusedRequest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return {
      id: null,
      error: new ApiError('not-json', 'The request is not JSON: one object in one line is expected.'),
    };
  }
  if (Array.isArray(parsed)) {
    return {
      id: null,
      error: new ApiError('bad-request', 'Batches are not taken: send the requests one a line.'),
    };
  }
  const checked = v.safeParse(envelope, parsed, { abortEarly: true });
  if (!checked.success) return { id: idOf(parsed), error: refusal('bad-request', 'request', checked.issues) };
  const { id, method, params } = checked.output;
  if (!isMethodName(method)) {
    return {
      id: id ?? null,
      error: new ApiError(
        'no-such-method',
        'method: there is no such method; docs/openrpc.json lists them.',
        'method',
      ),
    };
  }
  return { id, method, params: params ?? {} };
}

/** @throws ApiError `bad-params` */
export function checkParams<M extends MethodName>(method: M, params: unknown): Params<M> {
  const checked = v.safeParse(methods[method].params, params, { abortEarly: true });
  if (checked.success) return checked.output;
  throw refusal('bad-params', 'params', checked.issues);
}

/** The first issue as a sentence. What was sent is not repeated: it may be a secret, and it may be anything. */
function refusal(
  code: 'bad-request' | 'bad-params',
  whole: string,
  issues: readonly v.BaseIssue<unknown>[],
): ApiError {
  const [issue] = issues;
  const path = issue?.path?.map(({ key }) => String(key).slice(0, 64)) ?? [];
  const field = path.join('.') || whole;
  return new ApiError(code, `${field}: ${ruleOf(issue)}.`, field);
}

function ruleOf(issue: v.BaseIssue<unknown> | undefined): string {
  if (issue === undefined) return 'is not as expected';
  if (issue.type === 'strict_object') {
    if (issue.expected === 'never') return 'is not a known field';
    return issue.received === 'undefined' ? 'is missing' : 'must be an object';
  }
  if (issue.received === 'undefined') return 'is missing';
  return issue.message.startsWith('Invalid') ? `must be ${issue.expected ?? 'as documented'}` : issue.message;
}

function idOf(parsed: unknown): RequestId | null {
  if (typeof parsed !== 'object' || parsed === null || !('id' in parsed)) return null;
  return isId(parsed.id) ? parsed.id : null;
}

export function encodeRequest<M extends MethodName>(id: RequestId, method: M, params: Params<M>): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
}

export function encodeResult(id: RequestId, result: unknown): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`;
}

export function encodeError(id: RequestId | null, error: ApiError): string {
  const data = { code: error.code, ...(error.field === undefined ? {} : { field: error.field }) };
  return `${JSON.stringify({ jsonrpc: '2.0', id, error: { code: apiCodes[error.code], message: error.message, data } })}\n`;
}

export function encodeEvent(subscription: number, event: unknown): string {
  return `${JSON.stringify({ jsonrpc: '2.0', method: 'event', params: { subscription, event } })}\n`;
}
