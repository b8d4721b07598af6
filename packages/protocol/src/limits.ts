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
