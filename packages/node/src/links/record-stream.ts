/** What a link needs of the encrypted stream below it, and that for streams with flow control of their own. */
import { recordBytesMax } from './bounds.ts';
import type { BoundedSecretStream } from './secret-stream.ts';

export interface RecordStream {
  readonly isInitiator: boolean;
  readonly destroying: boolean;
  /** Most bytes that the next record may have; 0: wait for `onDrain`. */
  readonly room: number;
  alloc(length: number): Uint8Array;
  /** Sends what `alloc` gave last. False: wait for `onDrain`. */
  write(): boolean;
  end(): void;
  destroy(error?: Error): void;
  pause(): void;
  resume(): void;
  setTimeout(ms: number): void;
  setKeepAlive(ms: number): void;
  onBytes(receive: (bytes: Uint8Array) => void): void;
  onDrain(drained: () => void): void;
  /** The peer sends nothing more, and all of it was handed on. */
  onEnd(ended: () => void): void;
  onError(failed: (error: Error) => void): void;
  onClose(closed: () => void): void;
}

/** TCP and Unix sockets: the system holds the peer back. */
export function plainRecords(stream: BoundedSecretStream): RecordStream {
  let record: Uint8Array = new Uint8Array();
  return {
    isInitiator: stream.isInitiator,
    get destroying() {
      return stream.destroying;
    },
    room: recordBytesMax,
    alloc: (length) => (record = stream.alloc(length)),
    write: () => stream.write(record),
    end: () => stream.end(),
    destroy: (error) => stream.destroy(error),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    setTimeout: (ms) => stream.setTimeout(ms),
    setKeepAlive: (ms) => stream.setKeepAlive(ms),
    onBytes: (receive) => void stream.on('data', receive),
    onDrain: (drained) => void stream.on('drain', drained),
    onEnd: (ended) => void stream.on('end', ended),
    onError: (failed) => void stream.on('error', failed),
    onClose: (closed) => void stream.on('close', closed),
  };
}
