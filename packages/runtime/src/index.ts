/** Ports to the platform, and the loops that perform the effects of protocol machines. */
export type { Clock } from './ports/clock.ts';
export type { Cancellation } from './ports/cancellation.ts';
export type { Randomness } from './ports/randomness.ts';
export {
  TransportError,
  type Link,
  type Path,
  type PathKind,
  type Transport,
  type TransportErrorCode,
} from './ports/transport.ts';
export type { DirectoryNetwork } from './ports/directory.ts';
export type { DomainAnswer, DomainRecords, DomainWish } from './ports/domain-records.ts';
export type { DirectoryNodes, NodeQuestion, NodeReply } from './directory/nodes.ts';
export { answerRequest, type ClaimHolder, type NodeAnswer } from './directory/claim-holder.ts';
export { Seeker, type Published, type SeekerWish } from './directory/seeker.ts';
export { handOver } from './directory/hand-over.ts';
export type * from './ports/queue-store.ts';
export {
  ClientStoreError,
  type ClientStore,
  type ClientStoreErrorCode,
  type Row,
  type ScanRange,
  type Write,
} from './ports/client-store.ts';
export type * from './mail/agent.ts';
export type { PathView } from './paths/view.ts';
export { createMailAgent, type MailAgentWish } from './mail/create-agent.ts';
export { usualMailAgentLimits, type MailAgentLimits } from './mail/limits.ts';
export { usualServerLimits } from './mail/serving-limits.ts';
export type * from './mail/serving.ts';
export { IncomingLinks } from './mail/incoming.ts';
export { serveLink, type LinkServing, type ServedLink } from './mail/serve-link.ts';
export { Splices, usualSpliceLimits, type SpliceLimits } from './relay/splices.ts';
export { createRelayHost, type RelayHost, type RelayHostWish } from './relay/relay-host.ts';
export { ClaimKeeper } from './relay/claim-keeper.ts';
export { DirectoryDesk } from './relay/directory-desk.ts';
export { Allowances } from './relay/allowances.ts';
export { perHour, usualRelayPolicy, type RelayPolicy } from './relay/relay-policy.ts';
export { noMeter, type RelayMeter, type RelayOutcome } from './relay/relay-meter.ts';
