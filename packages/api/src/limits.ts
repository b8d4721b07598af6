/** Bounds of the local API. Everything that speaks to it runs as the same person, and may still be broken. */

/** One request, in UTF-16 units of its line. Far above the longest text (64 KiB) in the longest escape. */
export const lineLengthMax = 1_048_576;
/** One answer: a full page of history of the longest texts fits. */
export const answerLengthMax = 134_217_728;
/** Requests of one connection that are not answered yet; more are not read. */
export const requestsPendingMax = 1_024;
/** UTF-16 units of their lines together; one more request may go beyond. */
export const pendingLengthMax = 4_194_304;
/** Subscriptions of one connection. */
export const subscriptionsMax = 8;
/** UTF-16 units of a message. What really fits is the protocol's to say; this only keeps nonsense out. */
export const textLengthMax = 65_536;
export const addressLengthMax = 320;
export const labelLengthMax = 200;
export const linkLengthMax = 16_384;
export const historyMax = 1000;
/** People that one invite is for. */
export const usesMax = 10_000;
