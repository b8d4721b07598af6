/** Bounds of links (spec/links.md, "Bounds"). Wire bounds are marked; the rest is this adapter's own choice. */

/** Wire: plaintext bytes in one record. Secret-stream itself would take 16 MiB and allocate it for any length prefix. */
export const recordBytesMax = 65_536;
/** Wire: what encryption adds to a record (tag byte and authenticator). */
export const recordOverheadBytes = 17;
/** A handshake that takes longer is given up; an honest one takes two round trips. */
export const handshakeTimeoutMs = 5_000;
/** Connections that have not proved a key yet. One more, and the oldest is dropped. */
export const halfOpenMax = 128;
/** Connections in all, and streams over UDP among them. */
export const connectionsMax = 10_000;
export const udpStreamsMax = 4_096;
/** A dial, over all its paths. */
export const dialTimeoutMs = 10_000;
/** The next path starts so long after the last one. */
export const nextPathAfterMs = 150;
/** Queued bytes from which on `write` says no, and below which `onDrain` is called. */
export const highWaterBytes = 262_144;
export const lowWaterBytes = 65_536;
/** Bytes of memory that a byte which waits for the peer may hold, and parts that may wait before that is looked at. */
export const heldFactorMax = 4;
export const loosePartsMax = 64;
/** Records handed to the stream before waiting for its drain. */
export const recordsInStreamMax = 4;
/** Empty records on an idle network path, and how long silence lasts before the link counts as dead. */
export const keepAliveMs = 5_000;
export const silenceMs = 20_000;
/** What is still queued at `close` may leave for so long. */
export const lingerMs = 1_000;
/** Wire: what a side of a UDP link may send before the other grants more, and what each record uses beside its bytes. */
export const creditBytes = 1_048_576;
export const creditRecordCost = 32;
/** Ports tried for one that is free for TCP and UDP. */
export const portTriesMax = 16;
/** Of a WebSocket: its HTTP head, and one message. Ours carry one record each; a proxy may join some. */
export const webSocketHeadBytesMax = 8_192;
export const webSocketMessageBytesMax = 262_144;
/** Calls at relays that are answered at once. */
export const summonsMax = 8;
