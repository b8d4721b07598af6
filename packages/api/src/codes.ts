/**
 * Error codes of the local API: a word for programs and scripts, and the number that JSON-RPC wants. Neither ever
 * changes its meaning. Numbers below -32000 are JSON-RPC's own (jsonrpc.org/specification, 5.1).
 */
export const apiCodes = {
  'not-json': -32700,
  'bad-request': -32600,
  'no-such-method': -32601,
  'bad-params': -32602,
  internal: -32603,

  'not-authenticated': 1,
  'too-large': 2,
  'too-many': 3,
  stopping: 4,
  'no-user-role': 5,
  'no-relay-role': 6,
  'wrong-code': 7,

  'no-account': 101,
  'account-exists': 102,
  'bad-address': 103,
  'bad-phrase': 104,
  'bad-link': 105,
  'link-expired': 106,
  'not-found': 107,
  unreachable: 108,
  contested: 109,
  'unknown-contact': 110,
  'not-a-request': 111,
  blocked: 112,
  'key-changed': 113,
  'number-differs': 114,
  'bad-number': 115,
  'too-long': 116,
  'bad-text': 117,
  'store-full': 118,
  'store-failed': 119,
  self: 120,
  'backup-failed': 121,
  'not-verified': 122,
  'phrase-needed': 130,
  'device-revoked': 131,

  'bad-proof': 135,
  'bad-domain': 136,
} as const;

export type ApiErrorCode = keyof typeof apiCodes;

/** A refusal by the daemon, the same on both sides. The message is a sentence for people and holds no secret. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  /** For `bad-params`: which one. */
  readonly field: string | undefined;

  constructor(code: ApiErrorCode, message: string, field?: string) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.field = field;
  }
}

export function isApiErrorCode(word: unknown): word is ApiErrorCode {
  return typeof word === 'string' && Object.hasOwn(apiCodes, word);
}
