/** What a client keeps, as plain readonly data. Each type is a row of the table that tables.ts names. */
import type {
  AccountId,
  AccountSecrets,
  Assembler,
  CardDevice,
  ConversationId,
  DeviceKey,
  FeedId,
  FeedReader,
  FeedWriter,
  LostRange,
  PeerAddress,
  Route,
  UserId,
  Vouch,
} from '@mycelium/protocol';
import type { MessageState, PathPolicy } from '../client.ts';
import type { DoubtRow, RivalRow } from './rival-rows.ts';
import type { RelayHealth } from '../relays/health.ts';

/** One for the store: the person's account and this device in it. */
export interface AccountRow {
  readonly address: string;
  readonly userId: UserId;
  readonly accountId: AccountId;
  readonly secrets: AccountSecrets;
  /** Encoded entries of the account log. */
  readonly log: readonly Uint8Array[];
  readonly device: OwnDevice;
  /** Sequence of the newest card. */
  readonly cardSequence: number;
  /** Other devices of the account, as the newest card that was read names them. */
  readonly otherDevices: readonly CardDevice[];
  readonly cardRoute: Route;
  /** Queues of cards under earlier words, which invites of then still name, and until when. Absent: none. */
  readonly formerCards?: readonly { readonly route: Route; readonly untilMs: number }[];
  /** Chosen with `setRelays`; empty: this node when it is a relay. */
  readonly chosenRelays: readonly PeerAddress[];
  /** The relays that the queues of this account are at. */
  readonly relays: readonly PeerAddress[];
  /** When they were last changed because of how they do; absent: never. */
  readonly relaysChangedMs?: number;
  readonly published: { readonly at: number | undefined; readonly note: string };
  /** What all contacts were told last; undefined: nothing, or by an older version. */
  readonly told?: { readonly addresses: Uint8Array; readonly logLength: number; readonly atMs: number };
  /** This store found itself to be an old copy: nothing is sent until it is a new device. */
  readonly cloned: boolean;
  /** When it last became a new device; 0: never. */
  readonly renewedMs: number;
  /** How far vouches count: 0 not at all, 1 those of verified contacts (also when absent), 2 also of those they vouch for. */
  readonly vouchDepth?: 0 | 1 | 2;
  /** Another device of the account has revoked this one: it says nothing more. Absent: none has. */
  readonly putOut?: boolean;
  /** Whose vouch for us stands in our claims; absent: nobody's. */
  readonly shownVoucher?: AccountId | undefined;
  /** Recovered from its words before anybody could be asked what the account has become. */
  readonly unconfirmed: boolean;
  /** What the domain of the address says about this account, if it does. */
  readonly domainProof?: Uint8Array;
}

export interface OwnDevice {
  readonly seed: Uint8Array;
  readonly key: DeviceKey;
  readonly name: string;
  readonly certificate: Uint8Array;
  readonly intakeRoute: Route;
  /** It is in the log for so long, and renews itself before that. Absent: for ever. */
  readonly lifetimeMs?: number;
}

/** A KeyPackage of ours: the newest is published, older ones still open Welcomes for a while. */
export interface KeyPackageRow {
  readonly keyPackage: Uint8Array;
  readonly secret: Uint8Array;
  readonly deviceKey: DeviceKey;
  readonly replacedMs: number | undefined;
}

/** An intake key of ours: the newest is published, older ones still open introductions for a while. */
export interface IntakeKeyRow {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
  readonly replacedMs: number | undefined;
}

export interface IntakeLocation {
  readonly publicKey: Uint8Array;
  readonly route: Route;
  readonly relays: readonly PeerAddress[];
  readonly difficulty: number;
}

export interface ContactDevice {
  readonly deviceKey: DeviceKey;
  readonly certificate: Uint8Array;
  readonly keyPackage: Uint8Array;
  readonly intake: IntakeLocation;
  /** Where it said it can be dialled. */
  readonly addresses: readonly PeerAddress[];
  /** Its feed that we follow. */
  readonly feedId: FeedId | undefined;
}

export interface ContactRow {
  readonly address: string;
  readonly accountId: AccountId;
  /** Encoded account log as far as it is known: the pinned head is its last entry. */
  readonly log: readonly Uint8Array[];
  readonly status: 'pending' | 'request' | 'accepted' | 'blocked' | 'ignored';
  readonly label: string | undefined;
  /** Account key whose safety number was compared, if one was. */
  readonly verifiedKey: Uint8Array | undefined;
  readonly greeting: string;
  readonly conversation: ConversationId;
  readonly devices: readonly ContactDevice[];
  readonly relays: readonly PeerAddress[];
  /** How mail travels between us. Left out: `direct`. */
  readonly policy?: PathPolicy;
  /** Feeds of ours in the conversation, the one in use last. */
  readonly ownFeeds: readonly FeedId[];
  /** Token of the invite that we came with; empty without one. */
  readonly token: Uint8Array;
  /** The link of ours that they came by. */
  readonly cameBy?: string;
  readonly sinceMs: number;
  /** Absent: nobody else has ever claimed the address. */
  readonly rivals?: readonly RivalRow[];
  /** The person chose this account among those that claim the address. */
  readonly chosen?: boolean;
  /** Since then nothing goes out to it, and what had not arrived is held; absent: it goes out. */
  readonly heldSinceMs?: number;
  readonly doubts?: readonly DoubtRow[];
  /** When it was last told which account logs were seen here, and a hash of what it was told. Absent: never. */
  readonly headsSaidMs?: number;
  readonly headsDigest?: Uint8Array;
  /** When its address was last looked up; absent: never since it is a contact. */
  readonly lookedUpMs?: number;
  /** Whom its address may be taken for, as a sentence; absent: for nobody. */
  readonly warning?: string;
  /** The newest domain proof that the account has shown, for its address; judged whenever it is looked at. */
  readonly domainProof?: Uint8Array;
}

/** What a domain published when it was asked (spec/domain.md, "What is believed"). */
export interface DomainRow {
  readonly domain: string;
  /** The first key that was seen, or the one that the person took since. */
  readonly key: Uint8Array | undefined;
  /** Another one, that the domain has now. */
  readonly offeredKey: Uint8Array | undefined;
  /** The newest list of revocations by `key`. */
  readonly revoked: { readonly sequence: number; readonly serials: readonly number[] };
  /** At the last answer. `self`: the domain is its own key. */
  readonly publishes: 'unknown' | 'key' | 'another-key' | 'nothing' | 'self';
  /** When it answered last; failures are no answers. */
  readonly answeredMs: number | undefined;
  /** Who answered, or why nobody could be asked: a phrase for people. */
  readonly note: string;
}

/** A feed of this device. The state of its send group is in `groups`. */
export interface OwnFeedRow {
  readonly kind: 'own';
  readonly feedId: FeedId;
  readonly conversation: ConversationId;
  readonly address: string;
  readonly deviceKey: DeviceKey;
  readonly writer: FeedWriter;
  /** The run of the program that wrote this row: another one goes on behind the reserved generations. */
  readonly run: string;
  readonly relays: readonly PeerAddress[];
  readonly epoch: number;
  readonly messagesInEpoch: number;
  readonly epochSinceMs: number;
  /** Depth of our newest message that is shown. */
  readonly depth: number;
  readonly readers: readonly FeedReaderDevice[];
  /** Heads of other feeds as the last message named them, by feed id in hexadecimal. */
  readonly linked: Readonly<Record<string, number>>;
  /** Addresses as the last reachability message named them, encoded. */
  readonly announced: Uint8Array;
  /** Length of the account log as the readers know it. */
  readonly logLength: number;
  /** Everything below has been confirmed by every reader and forgotten. Undefined: nothing, or by an older version. */
  readonly trimmed?: number;
  /** The domain proof that its readers were told, if one was; empty: that there is none any more. */
  readonly toldProof?: Uint8Array;
  /** True: left for another feed; kept until its readers have it. */
  readonly left: boolean;
}

/** A device that reads a feed of ours, and what it has confirmed: every sequence below. */
export interface FeedReaderDevice {
  readonly deviceKey: DeviceKey;
  readonly confirmed: number;
  /** When a receipt of it was last for something else than what we said (own-mark.ts); 0: never. */
  readonly doubtedMs: number;
}

/** A feed that we follow. The state of its send group is in `groups`. */
export interface PeerFeedRow {
  readonly kind: 'peer';
  readonly feedId: FeedId;
  readonly conversation: ConversationId;
  readonly address: string;
  readonly deviceKey: DeviceKey;
  readonly reader: FeedReader;
  readonly assembler: Assembler;
  readonly relays: readonly PeerAddress[];
  /** Index of the next frame in the queue of this epoch. */
  readonly index: number;
  /** Peers say that nobody has the frames between `index` and this one; proved by the first frame behind them. */
  readonly lostTo: number | undefined;
  /** The last bytes of the frame before `index` (spec/mail.md, "Open"); empty: none came. */
  readonly lastTag: Uint8Array;
  /** Sequence of the next message. */
  readonly sequence: number;
  /** Time of the message before it, as its sealed header has it; zero: none came. */
  readonly timeNs: bigint;
  /** Every sequence below is confirmed by a receipt of ours. */
  readonly receipted: number;
  /** Something above that asks for a receipt. */
  readonly owesReceipt: boolean;
  /** Sequence and depth of the newest message that is shown. */
  readonly head: { readonly sequence: number; readonly depth: number } | undefined;
  /** Above it stands the next message that is shown: the newest one, and one for each that was lost since. */
  readonly depth: number;
  /** Messages that are lost right before the next one that is shown. */
  readonly missing: number;
  /** Lost for good, until its owner has read that in a receipt of ours. Ascending. */
  readonly losses: readonly LossRow[];
  readonly epoch: number;
  /** Why nothing more is read of it. */
  readonly ended: string | undefined;
  /** It repeated itself with other content, and that has been told. */
  readonly twofold: boolean;
}

/** Messages that never came. */
export interface LossRow extends LostRange {
  /** The first receipt of ours that says so. */
  readonly named: { readonly feedId: FeedId; readonly sequence: number } | undefined;
}

export type FeedRow = OwnFeedRow | PeerFeedRow;

interface QueueKeysRow {
  readonly route: Route;
  readonly readerSeed: Uint8Array;
  readonly ownerPublicKey: Uint8Array;
  readonly relays: readonly PeerAddress[];
}

export type QueueRow =
  | (QueueKeysRow & {
      readonly kind: 'own';
      readonly feedId: FeedId;
      readonly ownerSeed: Uint8Array;
      /** Index of the oldest frame that is still in `frames`, and of the next one. */
      readonly base: number;
      readonly next: number;
      /** Where it is since some of its relays were replaced: who counts for *stored*. Absent: still at `relays`. */
      readonly holders?: readonly PeerAddress[];
      /** The epoch is over: nothing comes after `next`. */
      readonly closed: boolean;
    })
  | (QueueKeysRow & { readonly kind: 'peer'; readonly feedId: FeedId })
  | (QueueKeysRow & {
      readonly kind: 'card';
      readonly ownerSeed: Uint8Array;
      readonly base: number;
      readonly next: number;
    })
  | (QueueKeysRow & {
      readonly kind: 'intake';
      readonly ownerSeed: Uint8Array;
      readonly difficulty: number;
    });

export interface MessageRow {
  readonly id: Uint8Array;
  readonly conversation: ConversationId;
  /** Address of who wrote it. */
  readonly from: string;
  readonly own: boolean;
  readonly kind: number;
  readonly text: string;
  /** Body of a kind that this version does not show. */
  readonly body: Uint8Array | undefined;
  readonly timeMs: number;
  /** Place in the causal order: one more than the largest of what its writer had seen. */
  readonly depth: number;
  readonly feedId: FeedId;
  readonly sequence: number;
  readonly state: MessageState;
  readonly gapBefore: boolean;
}

/** What stands at a sequence of a feed: to know repetitions, and to find messages from receipts and links. */
export interface PositionRow {
  readonly digest: Uint8Array;
  /** Key in `messages`, for kinds that are shown. */
  readonly message: Uint8Array | undefined;
  readonly depth: number;
}

/** What a feed of ours said and not every reader has confirmed. */
export interface OutgoingRow {
  readonly route: Route;
  /** Index of its last frame. */
  readonly lastIndex: number;
  /** As its sealed header has it. */
  readonly timeNs: bigint;
  readonly message: Uint8Array | undefined;
  readonly stored: boolean;
  /** A reader can never get it; what it said was said again. */
  readonly lost: boolean;
  /** How often what it says had been said and lost before. */
  readonly again: number;
}

/** An introduction on its way out: sealed, to be stamped and submitted. */
export interface IntroductionRow {
  readonly id: Uint8Array;
  readonly address: string;
  readonly deviceKey: DeviceKey;
  readonly intake: IntakeLocation;
  /** Of the invite by which the two came together: it goes in the place of a stamp. Absent: none. */
  readonly token?: Uint8Array;
  /** Sealed pieces that nobody has stored yet. */
  readonly pieces: readonly Uint8Array[];
  readonly attempts: number;
}

/** A piece of an introduction that came in. */
export interface PieceRow {
  readonly parts: number;
  readonly piece: Uint8Array;
  readonly receivedMs: number;
}

export interface InviteRow {
  readonly id: string;
  readonly token: Uint8Array;
  readonly link: string;
  readonly label: string | undefined;
  readonly usesLeft: number | undefined;
  readonly expiresMs: number | undefined;
  /** Account ids, in hexadecimal, of those who came with it. */
  readonly usedBy: readonly string[];
  /** Absent: made by an older version. */
  readonly madeMs?: number;
  /** Who came with it, and when. Absent: nobody, or by an older version. */
  readonly guests?: readonly { readonly address: string; readonly timeMs: number }[];
  /** The person took it back. */
  readonly revokedMs?: number;
}

/** A relay that is one of the account's, or might become one. */
export interface RelayRow {
  /** Where the configuration says it is; empty: only contacts name it. */
  readonly peers: readonly PeerAddress[];
  readonly health: RelayHealth;
  readonly lookedMs: number;
  /** It had its place, stayed away, and lost it. */
  readonly replaced: boolean;
  /** The person named it once and does not any more: it is not taken by itself. */
  readonly unwanted: boolean;
}

/** The newest word of an account about another one: verified when it came, or ours. */
export interface VouchRow extends Vouch {
  /** As it was signed. */
  readonly statement: Uint8Array;
}

/** Work that is due at a time and survives a restart. */
export interface AgendaRow {
  readonly dueMs: number;
  readonly attempts: number;
}
