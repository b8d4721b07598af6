/** Every table of the client's store, and how its keys are built (keys.ts). */
import type { ClientEvent } from '../client.ts';
import type {
  AccountRow,
  AgendaRow,
  ContactRow,
  DomainRow,
  FeedRow,
  IntakeKeyRow,
  IntroductionRow,
  InviteRow,
  KeyPackageRow,
  MessageRow,
  OutgoingRow,
  PieceRow,
  PositionRow,
  QueueRow,
  RelayRow,
  VouchRow,
} from './rows.ts';
import { bytesTable, numbered, table, type Table } from './table.ts';

interface Tables {
  /** One row under `accountKey`. */
  readonly account: Table<AccountRow>;
  /** By number, growing: the largest is published. */
  readonly keyPackages: Table<KeyPackageRow>;
  /** By number, growing: the largest is published. */
  readonly intakeKeys: Table<IntakeKeyRow>;
  /** By address. */
  readonly contacts: Table<ContactRow>;
  /** Encoded operations of membership logs: conversation ‖ operation id. */
  readonly membership: Table<Uint8Array>;
  /** Encoded introductions of contacts that are not accepted: conversation ‖ device key. */
  readonly requests: Table<Uint8Array>;
  /** By feed id. */
  readonly feeds: Table<FeedRow>;
  /** Ids of feeds of others: conversation ‖ feed id. */
  readonly feedsOfConversations: Table<Uint8Array>;
  /** Key in `contacts` by account id, and by conversation. */
  readonly contactAddresses: Table<Uint8Array>;
  /** MLS state by feed id. */
  readonly groups: Table<Uint8Array>;
  /** PSKs of epochs of our own feeds, and of the newest of each that we follow: feed id ‖ epoch. */
  readonly psks: Table<Uint8Array>;
  /** By route. */
  readonly queues: Table<QueueRow>;
  /** Routes of queues of our own: feed id ‖ route. */
  readonly queuesOfFeeds: Table<Uint8Array>;
  /** Sealed frames of our queues: route ‖ index. */
  readonly frames: Table<Uint8Array>;
  /** Conversation ‖ depth ‖ time ‖ device key ‖ sequence. */
  readonly messages: Table<MessageRow>;
  /** Key in `messages` of the newest that the person has seen, by conversation. */
  readonly readMarks: Table<Uint8Array>;
  /** Key in `messages` by message id. */
  readonly messageKeys: Table<Uint8Array>;
  /** Feed id ‖ sequence. */
  readonly positions: Table<PositionRow>;
  /** Feed id ‖ sequence. */
  readonly outgoing: Table<OutgoingRow>;
  /** Message id by idempotency key. */
  readonly idempotency: Table<Uint8Array>;
  /** By introduction id. */
  readonly introductions: Table<IntroductionRow>;
  /** Introduction id ‖ part. */
  readonly pieces: Table<PieceRow>;
  /** Introductions that have been dealt with: id → when, as a number key. */
  readonly introduced: Table<Uint8Array>;
  /** Their ids in the order in which they came, by number. */
  readonly introducedInOrder: Table<Uint8Array>;
  /** By token. */
  readonly invites: Table<InviteRow>;
  /** Keys in `invites` (behind a 0) and in `contacts` (behind a 1) whose tokens may let somebody in. */
  readonly admitting: Table<Uint8Array>;
  /** By transport key. */
  readonly relays: Table<RelayRow>;
  /** By domain, in A-labels. */
  readonly domains: Table<DomainRow>;
  /** The newest word of each voucher: account that it is about ‖ account of the voucher. */
  readonly vouches: Table<VouchRow>;
  /** Key in `vouches`: account of the voucher ‖ account that it is about. */
  readonly vouchesBy: Table<Uint8Array>;
  /** What we last said to whom: account of who was told ‖ account that it is about. */
  readonly vouchesGiven: Table<VouchRow>;
  /** By event id. */
  readonly events: Table<ClientEvent>;
  /** Slow hashes of addresses of contacts (contacts/acquaintances.ts), by address. */
  readonly acquaintances: Table<Uint8Array>;
  /** By name of the work. */
  readonly agenda: Table<AgendaRow>;
}

export const tables: Tables = {
  account: table<AccountRow>('account'),
  keyPackages: table<KeyPackageRow>('key-packages'),
  intakeKeys: table<IntakeKeyRow>('intake-keys'),
  contacts: table<ContactRow>('contacts'),
  contactAddresses: bytesTable('contact-addresses'),
  membership: bytesTable('membership'),
  requests: bytesTable('requests'),
  feeds: table<FeedRow>('feeds'),
  feedsOfConversations: bytesTable('feeds-of-conversations'),
  groups: bytesTable('groups'),
  psks: bytesTable('psks'),
  queues: table<QueueRow>('queues'),
  queuesOfFeeds: bytesTable('queues-of-feeds'),
  frames: numbered(bytesTable('frames')),
  messages: table<MessageRow>('messages'),
  readMarks: bytesTable('read-marks'),
  messageKeys: bytesTable('message-keys'),
  positions: numbered(table<PositionRow>('positions')),
  outgoing: numbered(table<OutgoingRow>('outgoing')),
  idempotency: bytesTable('idempotency'),
  introductions: table<IntroductionRow>('introductions'),
  pieces: table<PieceRow>('pieces'),
  introduced: bytesTable('introduced'),
  introducedInOrder: bytesTable('introduced-in-order'),
  invites: table<InviteRow>('invites'),
  admitting: bytesTable('admitting'),
  relays: table<RelayRow>('relays'),
  domains: table<DomainRow>('domains'),
  vouches: table<VouchRow>('vouches'),
  vouchesBy: bytesTable('vouches-by'),
  vouchesGiven: table<VouchRow>('vouches-given'),
  events: numbered(table<ClientEvent>('events')),
  acquaintances: bytesTable('acquaintances'),
  agenda: table<AgendaRow>('agenda'),
};

export const accountRowKey: Uint8Array = Uint8Array.of(0);
