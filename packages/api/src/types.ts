/**
 * What travels over the local API, as plain types. The contract stands alone: it knows nothing of the client behind
 * it. Times are ms since 1970; ids are lower-case hexadecimal; `undefined` members are left out of the JSON.
 */
import type { Domain, DomainCheck, Proof } from './domain-types.ts';
import type { CameBy, Invite } from './invite-types.ts';
import type { AccountRelay, BackupReport, Peer, RelayStatus } from './node-types.ts';
import type { Verification, VouchDepth, Voucher, Vouches } from './trust-types.ts';

export type TrustLevel = 'verified' | 'vouched' | 'domain' | 'pinned' | 'contested';
export type ContactState = 'pending' | 'request' | 'accepted' | 'blocked' | 'ignored';
/** `relays-only`: the contact does not learn our IP address. */
export type PathPolicy = 'direct' | 'relays-only';
/** `held`: pulled back until the person has decided who the recipient is. */
export type MessageState = 'queued' | 'stored' | 'delivered' | 'read' | 'failed' | 'held' | 'received';
/** What becomes of held texts with a decision. */
export type HeldTexts = 'send' | 'drop';
export type Role = 'user' | 'relay' | 'directory';

export interface Account {
  readonly address: string;
  readonly userId: string;
  readonly fingerprint: string;
  readonly deviceName: string;
  readonly relays: readonly string[];
}

export interface NewAccount {
  readonly address: string;
  readonly userId: string;
  /** The recovery phrase, this once. */
  readonly phrase: string;
  readonly fingerprint: string;
}

/** The account log in words. */
export interface AccountLog {
  readonly address: string;
  readonly fingerprint: string;
  readonly formerAddresses: readonly string[];
  /** The newest entry. */
  readonly head: { readonly sequence: number; readonly hash: string };
  readonly entries: readonly { readonly sequence: number; readonly time: number; readonly text: string }[];
  readonly devices: readonly Device[];
  /** False: the account has new words that this device was not given; it cannot change the log. */
  readonly hasKey: boolean;
}

export interface Device {
  readonly name: string;
  readonly key: string;
  readonly own: boolean;
  readonly state: 'live' | 'expired' | 'revoked';
  /** Left out: never. */
  readonly expires?: number | undefined;
}

export interface Contact {
  readonly address: string;
  readonly trust: TrustLevel;
  readonly trustReason: string;
  /** What would raise it, as a sentence. */
  readonly wayUp?: string | undefined;
  /** Whom the address may be taken for, as a sentence. */
  readonly warning?: string | undefined;
  readonly vouchers: readonly Voucher[];
  readonly safetyNumber: string;
  readonly fingerprint: string;
  readonly state: ContactState;
  readonly conversation: string;
  readonly label?: string | undefined;
  readonly policy: PathPolicy;
  /** Of a request: what they wrote with it. */
  readonly greeting?: string | undefined;
  /** The link of ours that they came by. */
  readonly cameBy?: CameBy | undefined;
  /** Other accounts that have claimed the address. */
  readonly rivals: readonly Rival[];
  /** What other contacts have seen of its account that does not fit what is known here. */
  readonly doubts: readonly string[];
  /** Texts that wait for a decision. */
  readonly held: number;
}

export interface Rival {
  readonly fingerprint: string;
  /** `earlier`: a contact who had the address and has moved away from it. */
  readonly seenIn: 'introduction' | 'directory' | 'earlier';
  readonly since: number;
  /** The person has decided against it. */
  readonly turnedDown: boolean;
}

export interface Message {
  readonly id: string;
  readonly conversation: string;
  readonly from: string;
  readonly text: string;
  readonly kind: string;
  /** The sender's claim. */
  readonly time: number;
  readonly state: MessageState;
  /** Why it is held. */
  readonly note?: string | undefined;
  readonly gapBefore: boolean;
}

interface Numbered {
  /** Grows; what `events.subscribe` takes as `since`. */
  readonly eventId: number;
  readonly time: number;
}

export interface MessageEvent extends Numbered {
  readonly event: 'message';
  readonly id: string;
  readonly conversation: string;
  readonly from: string;
  readonly text: string;
  readonly kind: string;
  /** When it was written, by the sender's clock. */
  readonly sent: number;
}

export interface ReceiptEvent extends Numbered {
  readonly event: 'receipt';
  readonly id: string;
  readonly conversation: string;
  readonly state: 'stored' | 'delivered' | 'read' | 'failed' | 'held';
}

export interface RequestEvent extends Numbered {
  readonly event: 'request';
  readonly from: string;
  readonly fingerprint: string;
  readonly text: string;
  readonly cameBy?: CameBy | undefined;

  readonly warning?: string | undefined;
}

export interface ContactEvent extends Numbered {
  readonly event: 'contact';
  readonly address: string;
  readonly state: ContactState;
}

export interface GapEvent extends Numbered {
  readonly event: 'gap';
  readonly conversation: string;
  readonly from: string;
  readonly missing: number;
}

export interface SecurityEvent extends Numbered {
  readonly event: 'security';
  /** `moved`: a contact has another address. `revoked`: this device was put out by another one of the account. */
  readonly kind:
    'clone' | 'rollback' | 'key-change' | 'split-view' | 'refused' | 'domain' | 'moved' | 'revoked';
  readonly address: string;
  readonly text: string;
}

/** A contact vouches for somebody, or takes that back. */
export interface VouchEvent extends Numbered {
  readonly event: 'vouch';
  readonly from: string;
  readonly about: string;
  readonly state: 'given' | 'revoked';
  readonly expires: number;
}

export type ApiEvent =
  MessageEvent | ReceiptEvent | RequestEvent | ContactEvent | VouchEvent | GapEvent | SecurityEvent;

export interface NodeStatus {
  readonly version: string;
  readonly pid: number;
  readonly roles: readonly Role[];
  /** What others take as `--bootstrap` or `--relay`. */
  readonly addresses: readonly string[];
  readonly data: string;
  /** This API over WebSocket, with `up --api-port`. */
  readonly websocket?: string | undefined;
  readonly account?: Account | undefined;
  readonly peers: readonly Peer[];
  /** Of the account, and those that could take their place. */
  readonly relays: readonly AccountRelay[];
  readonly directoryNodes: number;
  /** The address's claim in the directory: when it was last published, and how that went. */
  readonly published: { readonly at?: number | undefined; readonly note: string };
  /** Messages that no relay and no recipient has yet. */
  readonly queued: number;
  readonly contacts: number;
  /** What the person should look at: contacts whose identity is in doubt. */
  readonly doubts: readonly { readonly address: string; readonly text: string }[];
  readonly relay?: RelayStatus | undefined;
}

/** Where the page is, and the code that pairs one browser with this node. */
export interface PageAccess {
  readonly url: string;
  readonly code: string;
  /** When the code is no good any more. */
  readonly expires: number;
}

/** A browser that was paired. */
export interface Browser {
  readonly id: string;
  readonly name: string;
  readonly since: number;
}

/** What the list of conversations shows of one. */
export interface Conversation {
  readonly conversation: string;
  readonly address: string;
  readonly last?: Message | undefined;
  /** Received and not read: counted up to 1,000. */
  readonly unread: number;
}

type Nothing = Readonly<Record<string, never>>;
type AboutContact = { readonly address: string };

/** Every method: what it takes, and what it answers. */
export interface Methods {
  'session.open': {
    readonly params: { readonly token: string };
    readonly result: { readonly version: string };
  };
  'session.pair': {
    readonly params: { readonly code: string; readonly name: string };
    readonly result: { readonly token: string; readonly version: string };
  };
  'account.create': {
    readonly params: {
      readonly address: string;
      readonly phrase?: string | undefined;
      readonly deviceName?: string | undefined;
      readonly deviceLifetimeMs?: number | undefined;
    };
    readonly result: NewAccount;
  };
  'account.log': { readonly params: Nothing; readonly result: AccountLog };
  'account.rotateKey': { readonly params: Nothing; readonly result: NewAccount };
  'account.enterPhrase': { readonly params: { readonly phrase: string }; readonly result: AccountLog };
  'account.move': { readonly params: { readonly address: string }; readonly result: Account };
  'account.revokeDevice': { readonly params: { readonly device: string }; readonly result: AccountLog };
  'account.relays': { readonly params: { readonly relays: readonly string[] }; readonly result: Nothing };
  /** An empty proof takes it back. Without `proof` nothing is changed. */
  'account.proof': { readonly params: { readonly proof?: string | undefined }; readonly result: Proof };
  'domains.list': { readonly params: Nothing; readonly result: { readonly domains: readonly Domain[] } };
  'domains.check': { readonly params: { readonly of: string }; readonly result: DomainCheck };
  'domains.trust': {
    readonly params: { readonly domain: string; readonly key: string };
    readonly result: Domain;
  };
  'invites.create': {
    readonly params: {
      readonly uses?: number | undefined;
      readonly expiresMs?: number | undefined;
      readonly label?: string | undefined;
    };
    readonly result: Invite;
  };
  'invites.list': { readonly params: Nothing; readonly result: { readonly invites: readonly Invite[] } };
  'invites.revoke': { readonly params: { readonly id: string }; readonly result: Invite };
  'invites.accept': { readonly params: { readonly link: string }; readonly result: Contact };
  'contacts.add': {
    readonly params: {
      readonly address: string;
      readonly message?: string | undefined;
      readonly fingerprint?: string | undefined;
    };
    readonly result: Contact;
  };
  'contacts.list': {
    readonly params: { readonly ignored?: boolean | undefined };
    readonly result: { readonly contacts: readonly Contact[] };
  };
  'contacts.show': { readonly params: AboutContact; readonly result: Contact };
  'contacts.verify': {
    readonly params: {
      readonly address: string;
      readonly safetyNumber?: string | undefined;
      readonly words?: string | undefined;
      readonly code?: string | undefined;
    };
    readonly result: Contact;
  };
  'contacts.trust': {
    readonly params: {
      readonly address: string;
      readonly fingerprint: string;
      readonly held?: HeldTexts | undefined;
    };
    readonly result: Contact;
  };
  'contacts.check': { readonly params: AboutContact; readonly result: Contact };
  'contacts.verification': { readonly params: AboutContact; readonly result: Verification };
  'vouches.give': {
    readonly params: {
      readonly address: string;
      readonly to?: readonly string[] | 'all' | undefined;
      readonly lifeMs?: number | undefined;
    };
    readonly result: { readonly told: readonly string[] };
  };
  'vouches.revoke': { readonly params: AboutContact; readonly result: { readonly told: readonly string[] } };
  'vouches.show': {
    readonly params: { readonly from?: string | undefined };
    readonly result: Nothing;
  };
  'vouches.list': { readonly params: Nothing; readonly result: Vouches };
  'vouches.depth': { readonly params: { readonly depth: VouchDepth }; readonly result: Nothing };
  'contacts.accept': { readonly params: AboutContact; readonly result: Contact };
  'contacts.ignore': { readonly params: AboutContact; readonly result: Contact };
  'contacts.unignore': { readonly params: AboutContact; readonly result: Contact };
  'contacts.block': { readonly params: AboutContact; readonly result: Contact };
  'contacts.policy': {
    readonly params: { readonly address: string; readonly policy: PathPolicy };
    readonly result: Contact;
  };
  'contacts.remove': { readonly params: AboutContact; readonly result: Nothing };
  'messages.send': {
    readonly params: {
      readonly to: string;
      readonly text: string;
      readonly idempotencyKey?: string | undefined;
    };
    readonly result: Message;
  };
  'messages.show': {
    readonly params: { readonly id: string };
    readonly result: { readonly message?: Message | undefined };
  };
  'messages.history': {
    readonly params: {
      readonly to: string;
      readonly limit?: number | undefined;
      readonly before?: string | undefined;
    };
    readonly result: { readonly messages: readonly Message[] };
  };
  'conversations.list': {
    readonly params: Nothing;
    readonly result: { readonly conversations: readonly Conversation[] };
  };
  'conversations.read': { readonly params: { readonly to: string }; readonly result: Nothing };
  'events.subscribe': {
    readonly params: { readonly since?: number | undefined };
    readonly result: { readonly subscription: number };
  };
  'events.unsubscribe': { readonly params: { readonly subscription: number }; readonly result: Nothing };
  'relay.backup': { readonly params: { readonly folder: string }; readonly result: BackupReport };
  'page.open': { readonly params: Nothing; readonly result: PageAccess };
  'page.browsers': { readonly params: Nothing; readonly result: { readonly browsers: readonly Browser[] } };
  'page.forget': { readonly params: { readonly id: string }; readonly result: Nothing };
  'page.off': { readonly params: Nothing; readonly result: Nothing };
  'node.status': { readonly params: Nothing; readonly result: NodeStatus };
  'node.stop': { readonly params: Nothing; readonly result: Nothing };
}

export type MethodName = keyof Methods;
export type Params<M extends MethodName> = Methods[M]['params'];
export type Result<M extends MethodName> = Methods[M]['result'];
