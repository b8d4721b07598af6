/** Every bound on what comes from outside, with its reason. */

// --- mail (spec/mail.md) ----------------------------------------------------------------------------------

/** Frames in one push: with the largest frames a reader has to hold 1 MiB. */
export const pushFramesMax = 256;

/** A relay may believe a stamp this long: the sender's clock may be wrong by a day, its relay away for another. */
export const stampAgeMaxMs: number = 48 * 3_600_000;

/** Work that a stranger does for one intake frame unless the account says otherwise: 4,096 hashes, some 10 ms. */
export const stampDifficultyDefault = 12;

/** Above this nobody could write to the owner any more: 2^24 hashes are half a minute. */
export const stampDifficultyMax = 24;

/** Sealed part of an intake frame: what is left of 4,096 bytes. */
export const intakeSealedMax: number = 4096 - 50;
/** Intake tokens of one queue: what is known of them fits into one frame of a relay's store. */
export const intakeTokensMax = 48;
/** Frames let in by tokens of one queue that are known again after a restart. */
export const tokenFramesRemembered = 96;

// --- messages (spec/messages.md) --------------------------------------------------------------------------

/** A text is something to read, not a file: 64 KiB are 34 long frames. */
export const textBytesMax = 65_536;
/** What a reader puts together from parts before it knows the kind: a Welcome with its tree is the largest. */
export const messageBytesMax = 524_288;
/** Parts that `messageBytesMax` takes in long frames of 1,976 bytes. */
export const messagePartsMax: number = Math.ceil(messageBytesMax / 1_976);
/** One link for each other feed of the conversation that moved; more say nothing that the newest do not. */
export const linksMax = 64;
/** Feeds that one receipt confirms. */
export const receiptFeedsMax = 64;
/** Ranges of lost messages that one receipt names for a feed; beyond, two become one, and too much is said again. */
export const receiptLossesMax = 32;
/** Relays that a feed is appended to where there are as many: two of them are enough, so that one may fail. */
export const feedRelays = 3;
/** Relays that hold a feed: three by default, room for members who insist on their own. */
export const feedRelaysMax = 8;
/** Addresses of one device: its networks, IPv4 and IPv6. */
export const reachabilityAddressesMax = 16;
/** Adding 99 X-Wing devices in one commit takes 292 KB with certificates of 300 bytes; these may have 512. */
export const commitBytesMax = 458_752;
/** The same 99 devices get 292 KB in one Welcome: 1.2 KB for each, and the ratchet tree of all. */
export const welcomeBytesMax = 458_752;
/** An encoded account log, whole: it fits one introduction. */
export const accountLogBytesMax = 32_768;
/** Heads of contacts in one message of kind 133, dummies included: 3 KB, and more contacts have their turn another day. */
export const sharedHeadsMax = 32;
/** Argon2id over an address: some 30 ms for who has it in a list of contacts, and for who guesses. */
export const acquaintanceMemoryBytes: number = 16 * 1_024 * 1_024;
export const acquaintancePasses = 3;
/** A greeting is one line or two from a stranger. */
export const greetingBytesMax = 1_024;
/** What a stranger can make us keep for one introduction: a log, a KeyPackage and a Welcome are some 12 KiB. */
export const introductionBytesMax = 65_536;

// --- identity (spec/identity.md) --------------------------------------------------------------------------

/** RFC 8265 leaves the length to the application; longer names do not fit a line. Bytes of UTF-8 after mapping. */
export const nameBytesMax = 64;
/** RFC 1035 §2.3.4, as text without the root dot. */
export const domainBytesMax = 253;
/** What is looked at at all when an address is typed, in UTF-16 units: bounds the work of mapping. */
export const addressTextMax = 1_024;
/** `name@domain` in canonical form. */
export const addressBytesMax: number = nameBytesMax + 1 + domainBytesMax;
/** 41^46 is the largest power of the alphabet that fits 31 bytes. */
export const packedAddressMax = 46;
/** A device's name is read by its owner and by contacts. Bytes of UTF-8. */
export const deviceNameBytesMax = 64;
/** A passphrase beside the recovery phrase, bytes of UTF-8 after NFKD: bounds what is hashed. */
export const passphraseBytesMax = 1_024;
/** What is looked at at all when a recovery phrase is typed, in UTF-16 units. */
export const recoveryTextMax = 1_024;
/** Live devices of an account: each is a leaf in every send group. */
export const devicesMax = 16;
/** Relays of an account: each carries every queue. */
export const relaysMax = 8;
/** Encoded account log entry: an entry with eight relays at the longest host names fits. */
export const accountEntryBytesMax = 4_096;
/** Entries of an account log; with their usual size `accountLogBytesMax` is met first. Contacts replay all of it. */
export const accountEntriesMax = 256;
/** A device certificate travels in every MLS leaf. */
export const certificateBytesMax = 512;
/** An X-Wing KeyPackage with certificate is about 4 KB. */
export const keyPackageBytesMax = 8_192;
/** A card as one byte string: log and devices. */
export const cardBytesMax = 262_144;
/** X-Wing public key: ML-KEM-768 (1,184) and X25519 (32). */
export const intakeKeyBytes = 1_216;
/** Relays in an invite link: the link stays short. */
export const inviteRelaysMax = 3;
/** Bootstrap peers in an invite link. */
export const inviteBootstrapMax = 2;
/** An invite link as text, white space included, before anything is decoded. */
export const inviteTextMax = 2_048;
/** An encoded invite: three relays and two bootstrap peers with long host names. */
export const inviteBytesMax = 1_400;
/** Eighteen spoken words as somebody types them: the longest have eleven letters. */
export const spokenTextMax = 1_024;
/** A verify code as text: 108 characters, and room for white space. */
export const verifyCodeTextMax = 512;
/** A vouch holds at most two years: who stands behind it looks again now and then. */
export const vouchLifeMsMax: number = 731 * 86_400_000;
/** How far ahead of ours the clock of who vouches may be. */
export const vouchAheadMsMax: number = 2 * 86_400_000;
/** An encoded vouch: the longest address and 180 bytes. */
export const vouchBytesMax = 512;
/** Vouches and revocations in one message. */
export const vouchesPerMessageMax = 16;

// --- domains (spec/domain.md) -----------------------------------------------------------------------------

/** Of the account id, what people compare as fingerprint: 160 bits. */
export const accountFingerprintBytes = 20;
/** A proof that runs longer outlives the memory of who asked for it; a year and a month of wrong clocks. */
export const domainProofAheadMsMax: number = 400 * 86_400_000;
/** A proof as text is some 190 characters; white space included. */
export const domainProofTextMax = 1_024;
/** Proofs that a domain has revoked and that have not run out: 1.5 KB of DNS record. */
export const domainRevocationsMax = 256;
/** A domain record as text, all of it: 256 revocations and sixteen peers with long host names fit. */
export const domainRecordTextMax = 8_192;
/** Relays, and directory nodes, that a domain record names. */
export const domainRecordPeersMax = 8;

// --- directory (spec/directory.md) ------------------------------------------------------------------------

/** Locators and claim keys change each day, so that a locator says nothing about yesterday's. */
export const claimPeriodMs = 86_400_000;
/** A claim lives at most this long without being published again. */
export const claimLifeMsMax: number = 2 * claimPeriodMs;
/** A claim record is one datagram, always this size. */
export const claimRecordBytes = 1_000;
/** Leading zero bits of a claim record's work: some 16,000 hashes, 10 ms. */
export const claimWorkBitsMin = 14;
/** Work that an owner does at most where squatters crowd the locator: 2^22 hashes, some five seconds. */
export const claimWorkBitsMax = 22;
/** Relays named in a claim; the card's account log has all of them. */
export const claimRelaysMax = 4;
/** Domain proof and vouches in a claim, bytes each. */
export const claimEvidenceBytesMax = 200;
/** Different directory keys kept for one locator: squatters cost work, the owner stays findable. */
export const claimsPerLocatorMax = 8;
/** Claim records a directory node keeps for one source network (IPv4 /24, IPv6 /48). */
export const claimsPerNetworkMax = 1_024;
/** Claim records a directory node keeps in all: 200 MB of memory. */
export const claimsMax = 200_000;
/** A directory node looks through all records for expired ones at most this often. */
export const claimSweepMs = 60_000;
/** How far ahead of ours the clock of a publisher may be. */
export const clockSkewMsMax = 600_000;
/** What one intake frame can hold of an introduction: sealing takes an X-Wing encapsulation (1,120) and a tag (16). */
export const introductionPlainBytes: number = intakeSealedMax - 1120 - 16;
export const introductionPieceMax: number = introductionPlainBytes - 20;

/** Parts that `introductionBytesMax` takes. */
export const introductionPartsMax: number = Math.ceil(introductionBytesMax / introductionPieceMax);
// --- mail, serving side (spec/mail.md) --------------------------------------------------------------------

/** Look-ups and publications of one connection at once: each is a walk over some fifty nodes. */
export const seeksUnderWayMax = 8;
/** Claim records that a relay publishes again for one queue: of the days around today, two at once, and what is still unexpired. */
export const keptClaimsPerQueueMax = 6;
/** And in all: 50 MB of memory. */
export const keptClaimsMax = 50_000;
/** Records that a relay answers a look-up with, those first that most nodes have. */
export const seekRecordsMax = 16;

/** Fetches of one connection that wait for their turn. More, and nothing is read from it until all have been answered. */
export const fetchesWaitingMax = 16;

// --- mail, client side (spec/mail.md) ---------------------------------------------------------------------

/** Unanswered frames of one queue on one connection: fills a round trip of 100 ms at 2,500 frames a second. */
export const appendWindowFrames = 256;
/** A connection is asked this often whether it is alive; below the 30 s after which NATs forget UDP paths. */
export const keepAliveMs = 20_000;
/** Who does not answer for this long is gone. Longer than the pauses of a machine that swaps or collects garbage. */
export const answerTimeoutMs = 10_000;

/** While somebody talks over a connection it is asked this often, so that its death shows within a second. */
export const watchedPingMs = 300;
/**
 * A connection that is asked and silent is doubted after two round trips and what they stray, within these bounds: shorter
 * than a second with the ping, longer than most pauses of a busy machine. Doubt costs nothing but a look for another path.
 */
export const doubtMsMin = 300;
export const doubtMsMax = 3_000;

// --- feeds (spec/feeds.md) --------------------------------------------------------------------------------

/** Keys kept for frames that were jumped over: what a lossy day may leave out, 88 KB of store. */
export const skippedKeysMax = 2_000;
/** A frame that has not come within a week will not: relays keep mail for 30 days, but readers ask every day. */
export const skippedKeyLifeMs: number = 7 * 86_400_000;
/** Chain steps for one frame: some 10 ms of work that a forged generation can cause. */
export const generationJumpMax = 25_000;
/** Generations taken from the store at once: a restart leaves out at most so many. */
export const generationBlock = 64;
/** Messages in parts that a reader holds at once; the oldest goes first. */
export const assembliesMax = 4;

// --- send groups (spec/feeds.md) --------------------------------------------------------------------------

/** Devices of one send group: with X-Wing a leaf has 2.5 KB, and a path to 100 of them 113 KB; X25519 has 32-byte keys. */
export const groupDevicesMax = { xwing: 100, x25519: 5_000 } as const;

// --- membership (spec/membership.md) ----------------------------------------------------------------------

/** Heads that one operation follows: more happen only when so many acted apart. */
export const membershipPreviousMax = 32;
/** Operations of one log: replay is quadratic in those that are concurrent. */
export const membershipOperationsMax = 4_096;
/** Members that a `create` names. Others are added. */
export const membershipFoundersMax = 64;
export const membershipTitleBytesMax = 256;
export const membershipOperationBytesMax = 4_096;
