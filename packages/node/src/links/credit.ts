/**
 * Flow control for links over UDP (spec/links.md, "Credit"): UDX delivers whatever comes, as fast as it comes, and
 * keeps for us what we do not read. So each side may send only so many bytes as the other has granted.
 *
 * Each record begins with its kind: 0 bytes, 1 confirm (first record of the dialler, which shows that it is
 * alive: a listener hands nothing over before), 2 credit (u32, so much more). A record of n bytes uses n + 32 of the
 * credit, so that many small ones cost the receiver no more than few large ones.
 */
import type { NoiseSecretStream } from '../declarations/secret-stream.ts';
import { creditBytes, creditRecordCost, recordBytesMax } from './bounds.ts';
import type { RecordStream } from './record-stream.ts';

const kindBytes = 0;
const kindConfirm = 1;
const kindCredit = 2;

export class CreditedStream implements RecordStream {
  readonly isInitiator: boolean;
  readonly #stream: NoiseSecretStream;
  #mayStillSend = creditBytes;
  /** Granted to the peer and not yet used by it. */
  #peerMayStillSend = creditBytes;
  /** Received and handed on since the last grant. */
  #consumed = 0;
  #record: Uint8Array = new Uint8Array();
  #held: Uint8Array[] = [];
  #paused = true;
  #peerEnded = false;
  #wantsRoom = false;
  #confirmed: boolean;
  #receive: ((bytes: Uint8Array) => void) | undefined;
  #onDrain: () => void = () => undefined;
  #onEnd: () => void = () => undefined;
  #onConfirm: () => void = () => undefined;

  constructor(stream: NoiseSecretStream) {
    this.#stream = stream;
    this.isInitiator = stream.isInitiator;
    this.#confirmed = stream.isInitiator;
    stream.on('data', (record) => this.#received(record));
    stream.on('drain', () => this.#onDrain());
    stream.on('end', () => {
      this.#peerEnded = true;
      this.#deliver();
    });
    if (stream.isInitiator) stream.write(Uint8Array.of(kindConfirm));
  }

  get destroying(): boolean {
    return this.#stream.destroying;
  }

  /** Most bytes that the next record may have; 0: wait for `onDrain`. */
  get room(): number {
    const room = Math.max(0, Math.min(recordBytesMax - 1, this.#mayStillSend - creditRecordCost));
    if (room === 0) this.#wantsRoom = true;
    return room;
  }

  alloc(length: number): Uint8Array {
    this.#record = this.#stream.alloc(length + 1);
    this.#record[0] = kindBytes;
    return this.#record.subarray(1);
  }

  /** What `alloc` gave, filled. */
  write(): boolean {
    this.#mayStillSend -= this.#record.length - 1 + creditRecordCost;
    return this.#stream.write(this.#record);
  }

  end(): void {
    this.#stream.end();
  }

  destroy(error?: Error): void {
    this.#stream.destroy(error);
  }

  setTimeout(ms: number): void {
    this.#stream.setTimeout(ms);
  }

  setKeepAlive(ms: number): void {
    this.#stream.setKeepAlive(ms);
  }

  /** The stream below goes on, for credit and keep-alives; what the peer may still send is held here. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#deliver();
  }

  onBytes(receive: (bytes: Uint8Array) => void): void {
    this.#receive = receive;
    this.resume();
  }

  onDrain(drained: () => void): void {
    this.#onDrain = drained;
  }

  onEnd(ended: () => void): void {
    this.#onEnd = ended;
  }

  onError(failed: (error: Error) => void): void {
    this.#stream.on('error', failed);
  }

  onClose(closed: () => void): void {
    this.#stream.on('close', closed);
  }

  /** Listener only: once, when the dialler has shown that it is alive. */
  onConfirm(confirmed: () => void): void {
    this.#onConfirm = confirmed;
  }

  #received(record: Uint8Array): void {
    const kind = record[0];
    const body = record.subarray(1);
    const isConfirm = kind === kindConfirm && body.length === 0;
    if (!this.#confirmed && isConfirm) {
      this.#confirmed = true;
      this.#onConfirm();
    } else if (this.#confirmed && kind === kindBytes && this.#isWithinCredit(body)) {
      this.#peerMayStillSend -= body.length + creditRecordCost;
      this.#held.push(body);
      this.#deliver();
    } else if (this.#confirmed && kind === kindCredit && body.length === 4) {
      this.#credited(new DataView(body.buffer, body.byteOffset).getUint32(0, true));
    } else {
      this.#stream.destroy(new Error('broken record'));
    }
  }

  #isWithinCredit(body: Uint8Array): boolean {
    return body.length > 0 && body.length + creditRecordCost <= this.#peerMayStillSend;
  }

  #credited(bytes: number): void {
    if (this.#mayStillSend + bytes > creditBytes) {
      this.#stream.destroy(new Error('broken record'));
      return;
    }
    this.#mayStillSend += bytes;
    if (!this.#wantsRoom) return;
    this.#wantsRoom = false;
    this.#onDrain();
  }

  #deliver(): void {
    while (!this.#paused && this.#receive !== undefined) {
      const bytes = this.#held.shift();
      if (bytes === undefined) break;
      this.#consumed += bytes.length + creditRecordCost;
      this.#receive(bytes);
    }
    if (this.#consumed >= creditBytes / 2) this.#grant();
    if (this.#peerEnded && this.#held.length === 0) this.#onEnd();
  }

  #grant(): void {
    if (this.#stream.destroying || this.#peerEnded) return;
    const record = new Uint8Array(5);
    record[0] = kindCredit;
    new DataView(record.buffer).setUint32(1, this.#consumed, true);
    this.#peerMayStillSend += this.#consumed;
    this.#consumed = 0;
    this.#stream.write(record);
  }
}
