/** Contract of the local API: methods, events, schemas, codes, both ends of a connection. JSON-RPC 2.0, one object a line. */
export type * from './types.ts';
export type * from './domain-types.ts';
export type * from './invite-types.ts';
export type * from './node-types.ts';
export type * from './trust-types.ts';
export { ApiError, apiCodes, isApiErrorCode, type ApiErrorCode } from './codes.ts';
export { methods, type Method } from './methods.ts';
export { eventSchema } from './schemas.ts';
export {
  historyMax,
  lineLengthMax,
  pendingLengthMax,
  requestsPendingMax,
  textLengthMax,
  usesMax,
} from './limits.ts';
export { serveApi, type ApiChannel, type ApiConnection, type ApiHandlers, type ApiHost } from './host.ts';
export { ApiClosedError, createApiCaller, type ApiCaller } from './caller.ts';
