/**
 * Links through a relay that joins two links and sees nothing of what goes over them (spec/mail.md, "Splices"): where no direct
 * path leads. Within the two links to the relay, the devices shake hands with each other as over TCP.
 */
import { Duplex } from 'node:stream';
import { decodeControlFrame, encodeSplice, encodeSpliceCall, type TransportKey } from '@mycelium/protocol';
import { TransportError, type Link } from '@mycelium/runtime';
import type { KeyPair } from '../declarations/noise.ts';
import { initiate } from './handshake.ts';
import type { SecretLink } from './link.ts';
import { acceptStream, linkOver, type StreamAccept } from './stream-paths.ts';

/** Of every frame that a relay says here. */
const frameBytes = 128;

/** @throws TransportError */
export async function dialSpliced(
  toRelay: Link,
  {
    own,
    expected,
    signal,
  }: { readonly own: KeyPair; readonly expected: TransportKey; readonly signal: AbortSignal },
): Promise<SecretLink> {
  const stream = new LinkStream(toRelay);
  const abort = (): void => void stream.destroy();
  signal.addEventListener('abort', abort);
  try {
    toRelay.write(encodeSpliceCall(expected));
    await spliced(stream);
    const handshake = await initiate(stream, own, expected);
    return linkOver(stream, true, { path: 'relayed', source: undefined }, handshake);
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The relay said that somebody calls. Who it is, the handshake tells. */
export async function answerSpliced(toRelay: Link, ticket: Uint8Array, how: StreamAccept): Promise<void> {
  const stream = new LinkStream(toRelay);
  how.halfOpen.add(stream);
  try {
    toRelay.write(encodeSplice({ role: 'answer', whom: ticket }));
    await spliced(stream);
  } catch {
    stream.destroy();
  } finally {
    how.halfOpen.remove(stream);
  }
  if (!stream.destroyed) await acceptStream(stream, undefined, how);
}

/** The relay greets as it always does, then says `spliced` or why not. */
async function spliced(stream: LinkStream): Promise<void> {
  for (let frames = 0; frames < 2; frames += 1) {
    const frame = decodeControlFrame(await stream.exactly(frameBytes));
    if (frame.ok && frame.value.kind === 'spliced') return;
    if (!frame.ok || frame.value.kind !== 'hello') break;
  }
  throw new TransportError('unreachable', 'the peer does not wait to be called at that relay');
}

/** A link as a stream of Node. */
class LinkStream extends Duplex {
  readonly #link: Link;
  #drained: () => void = () => undefined;

  constructor(link: Link) {
    super();
    this.#link = link;
    this.on('error', () => undefined);
    link.onBytes((bytes) => {
      if (!this.push(Buffer.from(bytes))) link.pause();
    });
    link.onDrain(() => this.#drained());
    link.onClose(() => {
      this.push(null);
      this.#drained();
      this.destroy();
    });
  }

  async exactly(length: number): Promise<Uint8Array> {
    for (;;) {
      const bytes: unknown = this.read(length);
      if (bytes instanceof Uint8Array && bytes.length === length) return bytes;
      if (this.destroyed || this.readableEnded) break;
      await new Promise<void>((resolve) => {
        const go = (): void => {
          for (const event of ['readable', 'end', 'close']) this.off(event, go);
          resolve();
        };
        for (const event of ['readable', 'end', 'close']) this.on(event, go);
      });
    }
    throw new TransportError('unreachable', 'the relay closed the connection');
  }

  override _read(): void {
    this.#link.resume();
  }

  override _write(bytes: Buffer, _: BufferEncoding, done: () => void): void {
    this.#drained = () => {
      this.#drained = () => undefined;
      done();
    };
    if (this.#link.write(Uint8Array.from(bytes))) this.#drained();
  }

  override _final(done: () => void): void {
    this.#link.close();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#link.close();
    done(error);
  }
}
