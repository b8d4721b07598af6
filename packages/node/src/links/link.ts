/**
 * A link on a secret stream: coalesces what is written in one turn of the event loop into few records, tells the
 * writer when the peer is slower, and ends with a sentence that holds no secrets.
 */
import { concatBytes, type TransportKey } from '@mycelium/protocol';
import type { Link, PathKind } from '@mycelium/runtime';
import {
  heldFactorMax,
  highWaterBytes,
  keepAliveMs,
  lingerMs,
  loosePartsMax,
  lowWaterBytes,
  recordBytesMax,
  recordsInStreamMax,
  silenceMs,
} from './bounds.ts';
import type { RecordStream } from './record-stream.ts';

export class SecretLink implements Link {
  readonly remoteKey: TransportKey;
  readonly path: PathKind;
  readonly source: string | undefined;
  readonly initiator: boolean;
  /** Resolves when nothing of the link is left. */
  readonly ended: Promise<void>;

  readonly #stream: RecordStream;
  /** Written and not yet in a record, oldest first; of the first, `#offset` bytes are gone. */
  #queue: Uint8Array[] = [];
  #offset = 0;
  /** So many parts at the front hold little more memory than they have bytes. */
  #kept = 0;
  #queuedBytes = 0;
  /** In records that the stream has not passed on. */
  #streamBytes = 0;
  #flushScheduled = false;
  #streamFull = false;
  #writerWaits = false;
  #closing = false;
  #paused = false;
  #reason: string | undefined;
  #closed = false;
  #receive: ((bytes: Uint8Array) => void) | undefined;
  #drained: (() => void) | undefined;
  #onClose: ((reason: string) => void) | undefined;

  constructor(stream: RecordStream, path: PathKind, remoteKey: TransportKey, source?: string) {
    this.#stream = stream;
    this.path = path;
    this.remoteKey = remoteKey;
    this.source = source;
    this.initiator = stream.isInitiator;
    stream.onDrain(() => this.#streamDrained());
    stream.onError((error) => {
      this.#reason ??= sentence(error);
    });
    stream.onEnd(() => {
      this.#reason ??= 'the peer closed the link';
      stream.end();
    });
    this.ended = new Promise((resolve) => {
      stream.onClose(() => {
        this.#end();
        resolve();
      });
    });
    // The kernel tells when a program on this machine dies; a network path may just go silent.
    if (path === 'unix') return;
    stream.setKeepAlive(keepAliveMs);
    stream.setTimeout(silenceMs);
  }

  write(batch: Uint8Array): boolean {
    if (this.#closing || this.#closed) return false;
    if (batch.length > 0) {
      this.#queue.push(batch);
      this.#queuedBytes += batch.length;
    }
    if (this.#streamFull && this.#queue.length - this.#kept >= loosePartsMax) this.#keep();
    if (this.#queuedBytes >= recordBytesMax) this.#flush();
    else this.#scheduleFlush();
    const room = this.#queuedBytes + this.#streamBytes < highWaterBytes;
    if (!room) this.#writerWaits = true;
    return room;
  }

  onBytes(receive: (bytes: Uint8Array) => void): void {
    this.#receive = receive;
    // Not Node's Buffer, whose `slice` is a view: who copies a part to keep it must not hold the whole chunk.
    this.#stream.onBytes((bytes) =>
      this.#receive?.(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    );
    if (this.#paused) this.#stream.pause();
  }

  onDrain(drained: () => void): void {
    this.#drained = drained;
  }

  onClose(closed: (reason: string) => void): void {
    this.#onClose = closed;
    if (this.#closed) queueMicrotask(() => closed(this.#reason ?? 'the link was closed'));
  }

  pause(): void {
    this.#paused = true;
    this.#stream.pause();
    // Nothing is read now, so silence says nothing about the peer.
    this.#stream.setTimeout(0);
  }

  resume(): void {
    this.#paused = false;
    if (this.path !== 'unix') this.#stream.setTimeout(silenceMs);
    if (this.#receive !== undefined) this.#stream.resume();
  }

  close(): void {
    if (this.#closing || this.#closed) return;
    this.#closing = true;
    this.#reason ??= 'closed by this side';
    // Received bytes nobody will read must not hold the end of the stream back.
    this.#receive = undefined;
    this.#stream.onBytes(() => undefined);
    this.#stream.resume();
    setTimeout(() => this.#stream.destroy(), lingerMs).unref();
    if (this.#queuedBytes > 0) this.#flush();
    else this.#stream.end();
  }

  /** At once, whatever is still queued. */
  destroy(reason: string): void {
    this.#reason ??= reason;
    this.#stream.destroy();
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled || this.#streamFull || this.#queuedBytes === 0) return;
    this.#flushScheduled = true;
    setImmediate(() => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#streamFull || this.#stream.destroying) return;
    let written = true;
    for (let records = 0; records < recordsInStreamMax && this.#queuedBytes > 0; records += 1) {
      const { room } = this.#stream;
      if (room > 0) written = this.#writeRecord(Math.min(this.#queuedBytes, room));
      this.#streamFull = room === 0 || !written;
      if (room === 0) break;
    }
    if (written) this.#streamBytes = 0;
    if (this.#streamFull) this.#keep();
    if (this.#closing && this.#queuedBytes === 0) this.#stream.end();
  }

  /** What has to wait for the peer: small parts of large chunks become one part of their own, and the chunks can go. */
  #keep(): void {
    const loose = this.#queue.slice(this.#kept);
    const bytes = loose.reduce((sum, part) => sum + part.byteLength, 0);
    if (heldBytes(loose) > heldFactorMax * bytes)
      this.#queue.splice(this.#kept, loose.length, concatBytes(...loose));
    this.#kept = this.#queue.length;
  }

  #writeRecord(length: number): boolean {
    const record = this.#stream.alloc(length);
    let filled = 0;
    let used = 0;
    while (filled < record.length) {
      const batch = this.#queue[used] ?? new Uint8Array();
      const part = batch.subarray(this.#offset, this.#offset + record.length - filled);
      record.set(part, filled);
      filled += part.length;
      this.#offset += part.length;
      if (this.#offset < batch.length) break;
      this.#offset = 0;
      used += 1;
    }
    this.#queue.splice(0, used);
    this.#kept = Math.max(0, this.#kept - used);
    this.#queuedBytes -= length;
    this.#streamBytes += length;
    return this.#stream.write();
  }

  #streamDrained(): void {
    this.#streamFull = false;
    this.#streamBytes = 0;
    if (this.#queuedBytes > 0) this.#flush();
    if (!this.#writerWaits || this.#closing || this.#queuedBytes + this.#streamBytes >= lowWaterBytes) return;
    this.#writerWaits = false;
    this.#drained?.();
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#onClose?.(this.#reason ?? 'the connection was lost');
  }
}

/** Of the chunks that these are parts of; parts of one chunk follow each other. */
function heldBytes(parts: readonly Uint8Array[]): number {
  let bytes = 0;
  let chunk: ArrayBufferLike | undefined;
  for (const { buffer } of parts) {
    if (buffer !== chunk) bytes += buffer.byteLength;
    chunk = buffer;
  }
  return bytes;
}

/** Library and system errors name addresses; people get a sentence of ours. */
function sentence(error: Error & { readonly code?: unknown }): string {
  if (error.message === 'record too long') return 'the peer sent a record that is too long';
  if (error.message === 'broken record') return 'the peer broke the rules of links over UDP';
  if (error.message === 'Stream timed out') return 'nothing was heard from the peer for too long';
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return 'the peer closed the connection';
  if (typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code))
    return `the connection failed (${error.code})`;
  return 'the peer sent something that does not decrypt';
}
