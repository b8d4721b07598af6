/**
 * Noise XK over a byte stream (spec/links.md, "Handshake"): the dialler says which key it expects, the listener
 * proves it, and only then learns who dials. Messages have fixed sizes, so nothing is allocated for a stranger.
 *
 *   → e, es   (48)      ← e, ee   (48)      → s, se   (64)
 *
 * Each in a frame of u24 length; a listener that says no sends a frame of length 1 with a code. What follows on
 * the stream is secret-stream, under the keys of this handshake.
 */
import type { Duplex } from 'node:stream';
import { NoiseHandshake, noiseCurve as curve, type KeyPair } from '../declarations/noise.ts';
import type { FinishedHandshake } from '../declarations/secret-stream.ts';
import { encodeUtf8 } from '@mycelium/protocol';
import { TransportError } from '@mycelium/runtime';

const prologue = encodeUtf8('mycelium link 1');
const messageBytes = { first: 48, second: 48, third: 64 } as const;
const refusalWrongKey = 1;

/** @throws TransportError `wrong-key`, `unreachable`; the stream is then of no more use */
export async function initiate(
  stream: Duplex,
  own: KeyPair,
  expected: Uint8Array,
): Promise<FinishedHandshake> {
  const { noise, first } = begin(own, expected);
  stream.write(frame(first));
  const second = await readMessage(stream, messageBytes.second);
  try {
    noise.recv(second);
  } catch (cause) {
    throw new TransportError('wrong-key', 'the peer did not prove the key that was dialled', { cause });
  }
  stream.write(frame(noise.send()));
  return finished(noise, own);
}

/** @throws TransportError whatever the peer did wrong */
export async function respond(stream: Duplex, own: KeyPair): Promise<FinishedHandshake> {
  const noise = linkNoise(own);
  const first = await readMessage(stream, messageBytes.first);
  try {
    noise.recv(first);
  } catch (cause) {
    stream.end(frame(Uint8Array.of(refusalWrongKey)));
    throw new TransportError('wrong-key', 'the peer dialled another key', { cause });
  }
  stream.write(frame(noise.send()));
  const third = await readMessage(stream, messageBytes.third);
  try {
    noise.recv(third);
  } catch (cause) {
    throw new TransportError('wrong-key', 'the peer did not prove its own key', { cause });
  }
  return finished(noise, own);
}

/** The handshake of spec/links.md: of a dialler when there is a key that it expects, else of a listener. */
export function linkNoise(own: KeyPair, expected?: Uint8Array): NoiseHandshake {
  const noise = new NoiseHandshake('XK', expected !== undefined, own, { curve });
  noise.initialise(prologue, expected);
  return noise;
}

/** A key that is no point of the curve fails here: nobody can prove it. */
function begin(
  own: KeyPair,
  expected: Uint8Array,
): { readonly noise: NoiseHandshake; readonly first: Uint8Array } {
  try {
    const noise = linkNoise(own, expected);
    return { noise, first: noise.send() };
  } catch (cause) {
    throw new TransportError('wrong-key', 'the key that was dialled is not a valid key', { cause });
  }
}

function finished(noise: NoiseHandshake, own: KeyPair): FinishedHandshake {
  return {
    tx: noise.tx,
    rx: noise.rx,
    hash: noise.hash,
    publicKey: own.publicKey,
    remotePublicKey: Uint8Array.from(noise.rs),
  };
}

function frame(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(3 + message.length);
  framed[0] = message.length;
  framed.set(message, 3);
  return framed;
}

/** One handshake message of exactly `length` bytes; what comes after it stays in the stream. */
async function readMessage(stream: Duplex, length: number): Promise<Uint8Array> {
  const head = await readExactly(stream, 3);
  const said = (head[0] ?? 0) | ((head[1] ?? 0) << 8) | ((head[2] ?? 0) << 16);
  if (said === 1) {
    await readExactly(stream, 1);
    throw new TransportError('wrong-key', 'the peer says that it has another key');
  }
  if (said !== length) throw new TransportError('wrong-key', 'the peer does not speak this handshake');
  return readExactly(stream, length);
}

function readExactly(stream: Duplex, length: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      stream.off('readable', attempt);
      stream.off('end', ended);
      stream.off('close', ended);
      stream.off('error', ended);
    };
    const ended = (cause?: Error): void => {
      leave();
      reject(
        new TransportError('unreachable', 'the peer closed the connection during the handshake', { cause }),
      );
    };
    const attempt = (): void => {
      const bytes: unknown = stream.read(length);
      if (!(bytes instanceof Uint8Array)) return;
      leave();
      if (bytes.length === length) resolve(bytes);
      else ended();
    };
    if (stream.destroyed || stream.readableEnded) {
      ended();
      return;
    }
    stream.on('readable', attempt);
    stream.on('end', ended);
    stream.on('close', ended);
    stream.on('error', ended);
    attempt();
  });
}
