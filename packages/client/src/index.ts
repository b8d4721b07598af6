/** A person's messenger on the ports of `runtime`. */
export type * from './client.ts';
export type * from './domains/domain-types.ts';
export type * from './account-log-view.ts';
export type * from './invite-views.ts';
export type * from './relay-views.ts';
export type * from './trust-views.ts';
export { ClientError } from './client.ts';
export { createClient } from './create-client.ts';
export type { ClientPorts } from './ports.ts';
