/** Schemas of what `types.ts` names. Each is checked against its type, so the two cannot drift apart. */
import * as v from 'valibot';
import { addressLengthMax, labelLengthMax, linkLengthMax, textLengthMax } from './limits.ts';
import type { Domain, DomainCheck, Proof } from './domain-types.ts';
import type {
  Account,
  AccountLog,
  ApiEvent,
  Browser,
  Contact,
  Conversation,
  HeldTexts,
  Message,
  NewAccount,
  NodeStatus,
  PageAccess,
  PathPolicy,
} from './types.ts';
import type { Invite } from './invite-types.ts';
import type { AccountRelay, BackupReport } from './node-types.ts';
import type { Verification, VouchDepth, Vouches } from './trust-types.ts';

type Schema<T> = v.GenericSchema<unknown, T>;

// --- fields -------------------------------------------------------------------------------------------------

const within = (name: string, most: number): v.GenericSchema<string> =>
  v.pipe(
    v.string(`must be text`),
    v.minLength(1, `must not be empty`),
    v.maxLength(most, `must have at most ${most} characters (${name})`),
  );

export const addressField: v.GenericSchema<string> = within('an address', addressLengthMax);
export const labelField: v.GenericSchema<string> = within('a label', labelLengthMax);
export const linkField: v.GenericSchema<string> = within('an invite link', linkLengthMax);
export const textField: v.GenericSchema<string> = within('a message', textLengthMax);
export const phraseField: v.GenericSchema<string> = within('a recovery phrase', 1000);
/** Contact, label or conversation id. */
export const recipientField: v.GenericSchema<string> = within('a recipient', addressLengthMax);
export const keyField: v.GenericSchema<string> = within('an idempotency key', 128);
export const idField: v.GenericSchema<string> = v.pipe(
  v.string('must be text'),
  v.regex(/^[0-9a-f]{1,128}$/, 'must be an id in lower-case hexadecimal'),
);
/** A proof by a domain as text; empty: none. */
export const proofField: v.GenericSchema<string> = v.pipe(
  v.string('must be text'),
  v.maxLength(1024, 'must have at most 1024 characters (a proof)'),
);
export const domainField: v.GenericSchema<string> = within('a domain', addressLengthMax);
export const domainKeyField: v.GenericSchema<string> = within('the key of a domain', 200);
export const fingerprintField: v.GenericSchema<string> = within('a fingerprint', 400);
export const safetyNumberField: v.GenericSchema<string> = within('a safety number', 200);
export const wordsField: v.GenericSchema<string> = within('spoken words', 1024);
export const codeField: v.GenericSchema<string> = within('a verify code', 512);
export const folderField: v.GenericSchema<string> = within('the path of a folder', 4096);
export const tokenField: v.GenericSchema<string> = within('the token', 200);
export const pairingCodeField: v.GenericSchema<string> = within('a pairing code', 40);

export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): v.GenericSchema<number> {
  const rule = `must be a whole number from ${least} to ${most}`;
  return v.pipe(v.number(rule), v.safeInteger(rule), v.minValue(least, rule), v.maxValue(most, rule));
}

// --- answers ------------------------------------------------------------------------------------------------

const trust = v.picklist(['verified', 'vouched', 'domain', 'pinned', 'contested']);
export const policyField: v.GenericSchema<PathPolicy> = v.picklist(
  ['direct', 'relays-only'],
  'must be direct or relays-only',
);
const contactState = v.picklist(['pending', 'request', 'accepted', 'blocked', 'ignored']);
const inviteState = v.picklist(['open', 'used-up', 'expired', 'revoked']);
const cameBy = v.object({ invite: v.string(), label: v.optional(v.string()), state: inviteState });
const messageState = v.picklist(['queued', 'stored', 'delivered', 'read', 'failed', 'held', 'received']);
export const heldField: v.GenericSchema<HeldTexts> = v.picklist(['send', 'drop'], 'must be send or drop');

export const accountSchema: Schema<Account> = v.object({
  address: v.string(),
  userId: v.string(),
  fingerprint: v.string(),
  deviceName: v.string(),
  relays: v.array(v.string()),
});

export const newAccountSchema: Schema<NewAccount> = v.object({
  address: v.string(),
  userId: v.string(),
  phrase: v.string(),
  fingerprint: v.string(),
});

export const accountLogSchema: Schema<AccountLog> = v.object({
  address: v.string(),
  fingerprint: v.string(),
  formerAddresses: v.array(v.string()),
  head: v.object({ sequence: v.number(), hash: v.string() }),
  entries: v.array(v.object({ sequence: v.number(), time: v.number(), text: v.string() })),
  devices: v.array(
    v.object({
      name: v.string(),
      key: v.string(),
      own: v.boolean(),
      state: v.picklist(['live', 'expired', 'revoked']),
      expires: v.optional(v.number()),
    }),
  ),
  hasKey: v.boolean(),
});

export const contactSchema: Schema<Contact> = v.object({
  address: v.string(),
  trust,
  trustReason: v.string(),
  wayUp: v.optional(v.string()),
  warning: v.optional(v.string()),
  vouchers: v.array(
    v.object({
      address: v.string(),
      through: v.optional(v.string()),
      issued: v.number(),
      expires: v.number(),
      counts: v.boolean(),
    }),
  ),
  safetyNumber: v.string(),
  fingerprint: v.string(),
  state: contactState,
  conversation: v.string(),
  label: v.optional(v.string()),
  policy: policyField,
  greeting: v.optional(v.string()),
  cameBy: v.optional(cameBy),
  rivals: v.array(
    v.object({
      fingerprint: v.string(),
      seenIn: v.picklist(['introduction', 'directory', 'earlier']),
      since: v.number(),
      turnedDown: v.boolean(),
    }),
  ),
  doubts: v.array(v.string()),
  held: v.number(),
});

const picture = v.object({
  name: v.string(),
  colour: v.string(),
  svg: v.string(),
  art: v.array(v.string()),
});

export const verificationSchema: Schema<Verification> = v.object({
  address: v.string(),
  safetyNumber: v.string(),
  words: v.string(),
  code: v.string(),
  picture,
  ownPicture: picture,
});

export const depthField: v.GenericSchema<VouchDepth> = v.picklist([0, 1, 2], 'must be 0, 1 or 2');
const vouch = v.object({
  from: v.string(),
  about: v.string(),
  to: v.array(v.string()),
  state: v.picklist(['given', 'revoked', 'expired']),
  issued: v.number(),
  expires: v.number(),
});

export const vouchesSchema: Schema<Vouches> = v.object({
  depth: depthField,
  shown: v.optional(v.string()),
  given: v.array(vouch),
  received: v.array(vouch),
});

export const messageSchema: Schema<Message> = v.object({
  id: v.string(),
  conversation: v.string(),
  from: v.string(),
  text: v.string(),
  kind: v.string(),
  time: v.number(),
  state: messageState,
  note: v.optional(v.string()),
  gapBefore: v.boolean(),
});

export const inviteSchema: Schema<Invite> = v.object({
  id: v.string(),
  link: v.string(),
  label: v.optional(v.string()),
  usesLeft: v.optional(v.number()),
  expires: v.optional(v.number()),
  made: v.optional(v.number()),
  state: inviteState,
  used: v.number(),
  guests: v.array(v.object({ address: v.string(), time: v.number() })),
});

const accountRelaySchema: Schema<AccountRelay> = v.object({
  address: v.string(),
  use: v.picklist(['account', 'spare']),
  named: v.boolean(),
  state: v.picklist(['there', 'away', 'refuses', 'unknown']),
  since: v.optional(v.number()),
  rttMs: v.optional(v.number()),
  loadPercent: v.optional(v.number()),
  note: v.string(),
});

export const nodeStatusSchema: Schema<NodeStatus> = v.object({
  version: v.string(),
  pid: v.number(),
  roles: v.array(v.picklist(['user', 'relay', 'directory'])),
  addresses: v.array(v.string()),
  data: v.string(),
  websocket: v.optional(v.string()),
  account: v.optional(accountSchema),
  peers: v.array(
    v.object({
      address: v.string(),
      state: v.string(),
      path: v.optional(v.string()),
      rttMs: v.optional(v.number()),
      note: v.string(),
      direction: v.picklist(['in', 'out']),
      contact: v.optional(v.string()),
      paths: v.array(
        v.object({
          path: v.string(),
          at: v.optional(v.string()),
          state: v.picklist(['used', 'ready', 'silent', 'connecting', 'closed']),
          rttMs: v.optional(v.number()),
          note: v.string(),
        }),
      ),
    }),
  ),
  relays: v.array(accountRelaySchema),
  directoryNodes: v.number(),
  published: v.object({ at: v.optional(v.number()), note: v.string() }),
  queued: v.number(),
  contacts: v.number(),
  doubts: v.array(v.object({ address: v.string(), text: v.string() })),
  relay: v.optional(
    v.object({
      queues: v.number(),
      frames: v.number(),
      bytes: v.number(),
      links: v.number(),
      store: v.object({
        kind: v.picklist(['folder', 'nats']),
        durability: v.picklist(['synced', 'replicated']),
        replicas: v.optional(v.number()),
        servers: v.optional(v.array(v.string())),
      }),
    }),
  ),
});

export const proofSchema: Schema<Proof> = v.object({
  address: v.string(),
  until: v.optional(v.number()),
  serial: v.optional(v.number()),
});

export const domainSchema: Schema<Domain> = v.object({
  domain: v.string(),
  key: v.optional(v.string()),
  offeredKey: v.optional(v.string()),
  publishes: v.picklist(['unknown', 'key', 'another-key', 'nothing', 'self']),
  answered: v.optional(v.number()),
  note: v.string(),
  revoked: v.number(),
  contacts: v.number(),
});

export const domainCheckSchema: Schema<DomainCheck> = v.object({
  domain: v.string(),
  answer: v.picklist(['record', 'nothing', 'failed', 'self']),
  note: v.string(),
  key: v.optional(v.string()),
  revoked: v.number(),
  relays: v.array(v.string()),
  directory: v.array(v.string()),
  known: v.optional(domainSchema),
  accounts: v.array(
    v.object({
      address: v.string(),
      fingerprint: v.string(),
      from: v.picklist(['you', 'contact', 'directory']),
      holds: v.boolean(),
      until: v.optional(v.number()),
      note: v.string(),
    }),
  ),
});

export const backupReportSchema: Schema<BackupReport> = v.object({
  queues: v.number(),
  frames: v.number(),
  bytes: v.number(),
  segments: v.number(),
});

export const pageAccessSchema: Schema<PageAccess> = v.object({
  url: v.string(),
  code: v.string(),
  expires: v.number(),
});

export const browserSchema: Schema<Browser> = v.object({
  id: v.string(),
  name: v.string(),
  since: v.number(),
});

export const conversationSchema: Schema<Conversation> = v.object({
  conversation: v.string(),
  address: v.string(),
  last: v.optional(messageSchema),
  unread: v.number(),
});

// --- events -------------------------------------------------------------------------------------------------

const numbered = { eventId: v.number(), time: v.number() };

export const eventSchema: Schema<ApiEvent> = v.variant('event', [
  v.object({
    ...numbered,
    event: v.literal('message'),
    id: v.string(),
    conversation: v.string(),
    from: v.string(),
    text: v.string(),
    kind: v.string(),
    sent: v.number(),
  }),
  v.object({
    ...numbered,
    event: v.literal('receipt'),
    id: v.string(),
    conversation: v.string(),
    state: v.picklist(['stored', 'delivered', 'read', 'failed', 'held']),
  }),
  v.object({
    ...numbered,
    event: v.literal('request'),
    from: v.string(),
    fingerprint: v.string(),
    text: v.string(),
    cameBy: v.optional(cameBy),

    warning: v.optional(v.string()),
  }),
  v.object({ ...numbered, event: v.literal('contact'), address: v.string(), state: contactState }),
  v.object({
    ...numbered,
    event: v.literal('vouch'),
    from: v.string(),
    about: v.string(),
    state: v.picklist(['given', 'revoked']),
    expires: v.number(),
  }),
  v.object({
    ...numbered,
    event: v.literal('gap'),
    conversation: v.string(),
    from: v.string(),
    missing: v.number(),
  }),
  v.object({
    ...numbered,
    event: v.literal('security'),
    kind: v.picklist([
      'clone',
      'rollback',
      'key-change',
      'split-view',
      'refused',
      'domain',
      'moved',
      'revoked',
    ]),
    address: v.string(),
    text: v.string(),
  }),
]);
