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

// --- messages (spec/messages.md) --------------------------------------------------------------------------

/** A text is something to read, not a file: 64 KiB are 34 long frames. */
export const textBytesMax = 65_536;
/** What a reader puts together from parts before it knows the kind: a Welcome with its tree is the largest. */
export const messageBytesMax = 131_072;
/** Parts that `messageBytesMax` takes in long frames of 1,976 bytes. */
export const messagePartsMax: number = Math.ceil(messageBytesMax / 1_976);
/** One link for each other feed of the conversation that moved; more say nothing that the newest do not. */
export const linksMax = 64;
/** Feeds that one receipt confirms. */
export const receiptFeedsMax = 64;
/** Relays that hold a feed: three by default, room for members who insist on their own. */
export const feedRelaysMax = 8;
/** Addresses of one device: its networks, IPv4 and IPv6. */
export const reachabilityAddressesMax = 16;
/** An MLS commit with a path through a tree of 100 X-Wing leaves stays below. */
export const commitBytesMax = 65_536;
/** A Welcome with the ratchet tree of 32 X-Wing devices stays below. */
export const welcomeBytesMax = 98_304;
/** New entries of an account log that one message brings. */
export const accountLogBytesMax = 32_768;
/** A greeting is one line or two from a stranger. */
export const greetingBytesMax = 1_024;
/** Several intake frames of some 2,900 bytes; what a stranger can make us keep for one introduction. */
export const introductionBytesMax = 65_536;
