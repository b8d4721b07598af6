/**
 * A person's messenger, as everything above it sees it: the daemon puts the local API in front of this, the
 * simulation drives it directly. Addresses and texts are text; ids are lower-case hexadecimal text.
 */
import type { AccountLogView } from './account-log-view.ts';
import type { RelayView } from './relay-views.ts';
import type { CameBy, InviteView, InviteWish } from './invite-views.ts';
import type { ClientDomains } from './domains/domain-types.ts';
import type { ClientTrust, Shown, VoucherView } from './trust-views.ts';

export type TrustLevel = 'verified' | 'vouched' | 'domain' | 'pinned' | 'contested';
/** `direct`: over the best path there is. `relays-only`: the contact does not learn our IP address. */
export type PathPolicy = 'direct' | 'relays-only';
export type ContactStatus = 'pending' | 'request' | 'accepted' | 'blocked' | 'ignored';
/**
 * `queued`: durable here. `stored`: durable at a quorum of its relays or at the recipient. `delivered`: on the recipient's
 * disk. `held`: pulled back until the person has decided who the recipient is.
 */
export type MessageState = 'queued' | 'stored' | 'delivered' | 'read' | 'failed' | 'held' | 'received';
/** What becomes of held texts with a decision. */
export type HeldTexts = 'send' | 'drop';

export interface AccountView {
  readonly address: string;
  readonly userId: string;
  readonly fingerprint: string;
  readonly deviceName: string;
  readonly relays: readonly string[];
}

export interface CreatedAccount {
  readonly address: string;
  readonly userId: string;
  /** The recovery phrase, this once. */
  readonly phrase: string;
  readonly fingerprint: string;
}

export interface ContactView {
  readonly address: string;
  readonly trust: TrustLevel;
  /** Why this rung, as a sentence. */
  readonly trustReason: string;
  /** What would raise it, as a sentence; undefined: nothing stands higher. */
  readonly wayUp: string | undefined;
  /** Whom the address may be taken for, as a sentence. */
  readonly warning?: string | undefined;
  readonly vouchers: readonly VoucherView[];
  /** 60 digits in groups of five, separated by spaces. Empty until their account is known. */
  readonly safetyNumber: string;
  readonly fingerprint: string;
  /** `pending`: we asked and they have not accepted. `request`: they asked us. */
  readonly state: ContactStatus;
  readonly conversation: string;
  readonly label: string | undefined;
  readonly policy: PathPolicy;
  /** Of a request: what they wrote with it. */
  readonly greeting: string | undefined;
  /** Of a request, and of who was let in by it: the link of ours that they came by. */
  readonly cameBy: CameBy | undefined;
  /** Other accounts that have claimed the address. */
  readonly rivals: readonly RivalView[];
  /** What other contacts have seen of its account that does not fit what is known here. */
  readonly doubts: readonly string[];
  /** Texts that wait for the person's decision. */
  readonly held: number;
}

export interface RivalView {
  readonly fingerprint: string;
  /** `earlier`: a contact who had the address and has moved away from it. */
  readonly seenIn: 'introduction' | 'directory' | 'earlier';
  readonly since: number;
  /** The person has decided against it. */
  readonly turnedDown: boolean;
}

export interface MessageView {
  readonly id: string;
  readonly conversation: string;
  readonly from: string;
  /** Empty for kinds other than text. */
  readonly text: string;
  /** Name of the kind; `unknown` kinds are kept and need a newer version to show. */
  readonly kind: string;
  /** ms since 1970, the sender's claim. */
  readonly time: number;
  readonly state: MessageState;
  /** Why it is held, and what to do. */
  readonly note: string | undefined;
  /** True: messages before this one are missing and known to be. */
  readonly gapBefore: boolean;
}

/** A conversation in the list of them. */
export interface ConversationView {
  readonly conversation: string;
  readonly address: string;
  readonly last: MessageView | undefined;
  /** Received and not read: counted up to 1,000. */
  readonly unread: number;
}

/** `moved`: a contact has another address. `revoked`: this device was put out by another one of the account. */
export type SecurityKind =
  'clone' | 'rollback' | 'key-change' | 'split-view' | 'refused' | 'domain' | 'moved' | 'revoked';

/** `id` grows; kept durably so that `listen --since` can resume. */
export type ClientEvent = { readonly eventId: number; readonly time: number } & (
  | {
      readonly event: 'message';
      readonly id: string;
      readonly conversation: string;
      readonly from: string;
      readonly text: string;
      readonly kind: string;
      readonly sent: number;
    }
  | {
      readonly event: 'receipt';
      readonly id: string;
      readonly conversation: string;
      readonly state: 'stored' | 'delivered' | 'read' | 'failed' | 'held';
    }
  | {
      readonly event: 'request';
      readonly from: string;
      readonly fingerprint: string;
      readonly text: string;
      readonly cameBy?: CameBy;

      /** Whom the address may be taken for. */
      readonly warning?: string | undefined;
    }
  | { readonly event: 'contact'; readonly address: string; readonly state: ContactStatus }
  | {
      readonly event: 'vouch';
      readonly from: string;
      readonly about: string;
      readonly state: 'given' | 'revoked';
      /** 0 when it is revoked. */
      readonly expires: number;
    }
  | { readonly event: 'gap'; readonly conversation: string; readonly from: string; readonly missing: number }
  | {
      readonly event: 'security';
      readonly kind: SecurityKind;
      readonly address: string;
      readonly text: string;
    }
);

export interface ClientStatus {
  readonly account: AccountView | undefined;
  readonly peers: readonly {
    readonly address: string;
    readonly state: string;
    readonly path: string | undefined;
    readonly rttMs: number | undefined;
    readonly note: string;
    readonly direction: 'in' | 'out';
    /** Address of the contact whose device it is. */
    readonly contact: string | undefined;
    readonly paths: readonly {
      readonly path: string;
      readonly at: string | undefined;
      readonly state: 'used' | 'ready' | 'silent' | 'connecting' | 'closed';
      readonly rttMs: number | undefined;
      readonly note: string;
    }[];
  }[];
  /** The account's relays first. */
  readonly relays: readonly RelayView[];
  readonly directoryNodes: number;
  readonly published: { readonly at: number | undefined; readonly note: string };
  readonly queued: number;
  readonly contacts: number;
  /** What the person should look at: contacts whose identity is in doubt. */
  readonly doubts: readonly { readonly address: string; readonly text: string }[];
}

export type ClientErrorCode =
  | 'no-account'
  | 'account-exists'
  | 'bad-address'
  | 'bad-phrase'
  | 'bad-link'
  | 'link-expired'
  | 'not-found'
  | 'unreachable'
  | 'contested'
  | 'unknown-contact'
  | 'not-a-request'
  | 'blocked'
  | 'key-changed'
  | 'number-differs'
  | 'not-verified'
  | 'bad-number'
  | 'too-long'
  | 'bad-text'
  | 'store-full'
  | 'store-failed'
  | 'bad-proof'
  | 'bad-domain'
  | 'self'
  | 'phrase-needed'
  | 'device-revoked';

/** What a person is told: says what was wrong, where, and what to do. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClientError';
    this.code = code;
  }
}

export interface Client extends ClientTrust {
  account(): AccountView | undefined;
  /** New account, or with `phrase` the account that these words are. `relays` are `KEY@HOST:PORT` texts. */
  createAccount(wish: {
    readonly address: string;
    readonly phrase?: string;
    readonly passphrase?: string;
    readonly deviceName?: string;
    /** The device leaves the account after so long, unless it renews itself before. */
    readonly deviceLifetimeMs?: number;
  }): Promise<CreatedAccount>;
  accountLog(): AccountLogView;
  /** A new account key from a new phrase, signed by the old one. Answers the phrase, this once. */
  rotateKey(): Promise<CreatedAccount>;
  /** The words that another device has given the account with `rotateKey`. */
  enterPhrase(phrase: string): Promise<AccountLogView>;
  /** The account has another address from now on; contacts follow. */
  moveAddress(address: string): Promise<AccountView>;
  /** `device`: its name, or the beginning of its key. */
  revokeDevice(device: string): Promise<AccountLogView>;
  /** Connects, publishes, follows. Without an account it waits for `createAccount`. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Those that the person chooses: the first three places are theirs. */
  setRelays(relays: readonly string[]): Promise<void>;
  /** Nodes that the configuration names for something else: those that keep mail may fill what places are left. */
  offerRelays(relays: readonly string[]): Promise<void>;

  invite(wish: InviteWish): Promise<InviteView>;
  /** The newest first. */
  invites(): readonly InviteView[];
  /** `id`: or as much of it as tells it from the others. */
  revokeInvite(id: string): Promise<InviteView>;
  acceptInvite(link: string): Promise<ContactView>;
  /** Looks the address up in the directory and sends a contact request. `fingerprint` chooses among contested accounts. */
  addContact(wish: {
    readonly address: string;
    readonly message?: string;
    readonly fingerprint?: string;
  }): Promise<ContactView>;
  /** Without those whom the person ignores, unless `ignored`: then they alone. */
  contacts(wish?: { readonly ignored?: boolean }): readonly ContactView[];
  contact(address: string): ContactView;
  verifyContact(address: string, shown: Shown): Promise<ContactView>;
  /** Decides for the account with this fingerprint: the one that is known, or another one that claims the address. */
  trustContact(wish: {
    readonly address: string;
    readonly fingerprint: string;
    /** Unless told, they go to the account that they were written to, and to no other. */
    readonly held?: HeldTexts;
  }): Promise<ContactView>;
  /** Looks the address up now: newer entries of its account log are taken, other accounts that claim it are noted. */
  checkContact(address: string): Promise<ContactView>;
  acceptContact(address: string): Promise<ContactView>;
  blockContact(address: string): Promise<ContactView>;
  /** A request that is not to be seen: nothing is answered, and what comes later of the same account stays silent. */
  ignoreContact(address: string): Promise<ContactView>;
  /** It is a request again. */
  unignoreContact(address: string): Promise<ContactView>;
  removeContact(address: string): Promise<void>;
  /** How mail travels between this contact and us. */
  setContactPolicy(address: string, policy: PathPolicy): Promise<ContactView>;

  /** `to`: address, label or conversation id. Resolves once durable here. `idempotencyKey`: the same key sends once. */
  send(wish: {
    readonly to: string;
    readonly text: string;
    readonly idempotencyKey?: string;
  }): Promise<MessageView>;
  message(id: string): MessageView | undefined;
  /** Oldest first; the newest `limit`. */
  history(wish: {
    readonly to: string;
    readonly limit?: number;
    readonly before?: string;
  }): readonly MessageView[];
  /** Events with ids above `since`, then live ones in order. The answer unsubscribes. */
  subscribe(since: number | undefined, listen: (event: ClientEvent) => void): () => void;
  conversations(): readonly ConversationView[];
  /** The person has seen everything that is in it. */
  markRead(to: string): Promise<void>;
  status(): ClientStatus;
  /** Proofs by domains. */
  readonly domains: ClientDomains;
  /** This machine is on another network: contacts are told where it is now. */
  moved(): Promise<void>;
}
