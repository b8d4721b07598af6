/** Card pointers: what finds and opens a card; in claims, invites and introductions (spec/identity.md, "Cards"). */
import { decode, type ByteReader } from '../bytes/reader.ts';
import { ByteWriter, encodeUtf8 } from '../bytes/writer.ts';
import type { Result } from '../errors.ts';
import type { Primitives } from '../primitives.ts';

/** 64 bytes: owner key, secret. */
export interface CardPointer {
  /** Ed25519 public key of whoever may append to the card's queue. */
  readonly ownerPublicKey: Uint8Array;
  /** 32 bytes: reader and chain keys follow from it. */
  readonly cardSecret: Uint8Array;
}

export function writeCardPointer(writer: ByteWriter, pointer: CardPointer): void {
  writer.bytes(pointer.ownerPublicKey, 32).bytes(pointer.cardSecret, 32);
}

export function readCardPointer(reader: ByteReader, field: string): CardPointer {
  return {
    ownerPublicKey: reader.bytes(`${field}.owner`, 32),
    cardSecret: reader.bytes(`${field}.secret`, 32),
  };
}

export function encodeCardPointer(pointer: CardPointer): Uint8Array {
  const writer = new ByteWriter(64);
  writeCardPointer(writer, pointer);
  return writer.finish();
}

export function decodeCardPointer(bytes: Uint8Array): Result<CardPointer> {
  return decode(bytes, 'card-pointer', (reader) => readCardPointer(reader, 'card'));
}

export interface CardQueueKeys {
  /** Ed25519 seed: proves to a relay that one may read the queue. */
  readonly readerSeed: Uint8Array;
  /** First chain key of the frames of the queue (spec/feeds.md, "Chain"). */
  readonly chainKey: Uint8Array;
}

export function cardQueueKeys(primitives: Primitives, cardSecret: Uint8Array): CardQueueKeys {
  const none = new Uint8Array();
  return {
    readerSeed: primitives.hkdf(cardSecret, none, encodeUtf8('mycelium card reader 1'), 32),
    chainKey: primitives.hkdf(cardSecret, none, encodeUtf8('mycelium card chain 1'), 32),
  };
}
