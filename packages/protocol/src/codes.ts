/** Every number on the wire (registry: spec/). A number is never reused for something else. */

/** Low four bits of the second byte of every frame. */
export const wireVersion = 1;

/** Frames that a feed is made of (spec/frames.md). */
export const mailFrameTypes = { short: 1, medium: 2, long: 3, chunk: 4 } as const;

/** Control frames of the mail protocol (spec/mail.md). */
export const controlFrameTypes = {
  hello: 20,
  open: 21,
  opened: 22,
  stored: 23,
  subscribe: 24,
  push: 25,
  fetch: 26,
  trim: 27,
  intake: 28,
  status: 29,
  statusReport: 30,
  done: 31,
  error: 32,
  unsubscribe: 33,
  splice: 34,
  spliced: 35,
  summons: 36,
  lookUp: 37,
  found: 38,
  publish: 39,
} as const;

/** Why a mail peer refused (spec/mail.md, "Errors"). */
export const mailErrorCodes = {
  /** A frame broke the layout. The connection is closed. */
  malformed: 1,
  /** A frame type or version that this peer does not know, or one out of place. The connection is closed. */
  unexpected: 2,
  /** Everything about authentication: no reason is given. */
  'not-authorized': 3,
  /** Not a queue that takes intake frames here. */
  'no-queue': 4,
  /** Another connection has opened the queue as its owner. */
  superseded: 5,
  /** The frame is not the next one of its queue: open it again and go on from what `opened` says. */
  'out-of-order': 6,
  'queue-full': 7,
  'store-full': 8,
  /** The frame could not be written. Later ones may be. */
  failed: 9,
  /** Too many frames a second; `retry after` says when. */
  rate: 10,
  /** The stamp is too weak, too old or from the future. */
  stamp: 11,
  /** More queues, subscriptions or requests at once than one connection may have. */
  limit: 12,
  /** This peer is stopping. The connection is closed. */
  stopping: 13,
  /** The intake token is not good: unknown, expired, used up, or not proved. A stamp may do. */
  token: 14,
} as const;

export type MailErrorName = keyof typeof mailErrorCodes;

/** Bits of `features` in a `hello` (spec/mail.md, "Hello"). Unknown ones are ignored. */
export const helloFeatures = {
  /** *Stored* is answered before the frame is synced to disk. */
  replicated: 1,
  /** Of a client: it may be called at this relay. */
  summons: 2,
  /** Intake tokens are taken in the place of stamps. */
  intakeTokens: 8,
  /** Of a server: it looks up and publishes for others. */
  directory: 4,
} as const;

/** `role` of an `open` frame. */
export const openRoles = { reader: 1, owner: 2 } as const;

/** Kinds of messages in feeds (spec/messages.md). One that is not here is kept as it came and passed. */
export const messageKinds = {
  text: 1,
  receipt: 2,
  edit: 3,
  delete: 4,
  reply: 5,
  reaction: 6,
  typing: 7,
  'file-offer': 8,
  poll: 9,
  vote: 10,
  pin: 11,
  'contact-card': 12,
  location: 13,
  membership: 14,
  profile: 15,
  'call-signal': 16,
  timer: 17,
  'bot-command': 18,
  'app-data': 19,
  commit: 128,
  welcome: 129,
  reachability: 130,
  'account-log': 131,
  /** The only kind in the queue of a card (spec/identity.md). */
  card: 132,
  /** Vouches and revocations of the writer's account (spec/trust.md). */
  /** Which account logs the writer has seen. */
  heads: 133,
  vouch: 134,
  'domain-proof': 135,
} as const;

// --- identity (spec/identity.md) --------------------------------------------------------------------------

/** Byte 0 of a user id. */
export const userIdForms = { packed: 1, hashed: 2 } as const;
/** Version byte of account log entries, certificates, cards, claims, claim records and invites. */
export const identityVersion = 1;
/** Version byte of cards and introductions that have a domain proof; those without one are of version 1. */
export const provedVersion = 2;
/** Operation of an account log entry. */
export const accountOps = {
  create: 1,
  addDevice: 2,
  revokeDevice: 3,
  rotateAccountKey: 4,
  moveAddress: 5,
  setRelays: 6,
} as const;

/** Kind of a vouch (spec/trust.md). */
export const vouchKinds = { vouch: 1, revocation: 2 } as const;

/** Operations of a membership log (spec/membership.md). */
export const membershipOps = {
  create: 1,
  add: 2,
  remove: 3,
  'set-role': 4,
  'set-info': 5,
  'set-policy': 6,
} as const;

/** Roles, the larger the more they may (spec/membership.md). */
export const memberRoles = { reader: 1, member: 2, admin: 3, owner: 4 } as const;
