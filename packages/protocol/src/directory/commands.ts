/**
 * What directory nodes ask each other (spec/directory-node.md, "Commands"), whatever carries them. A reply
 * that is larger than a datagram is lost without a word, so a look-up first gets digests, then each record by its
 * digest. No reply is larger than its request, unless the request has a token: nobody is flooded in another's name.
 */
import { bytesEqual } from '../bytes/compare.ts';
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { accept, refuse, type Result } from '../errors.ts';

export const directoryCommands = { digests: 40, claim: 41, put: 42 } as const;

/** A `digests` request is padded to this, a little more than its largest reply has beyond the common head. */
export const digestsRequestBytes = 480;
export const digestsMax = 8;

export interface HeldClaim {
  /** SHA-256 of the record. */
  readonly digest: Uint8Array;
  readonly sequence: number;
}

export const digestsRequest: Uint8Array = new Uint8Array(digestsRequestBytes);

export function isDigestsRequest(value: Uint8Array | null): boolean {
  return value !== null && bytesEqual(value, digestsRequest);
}

export function encodeDigests(held: readonly HeldClaim[]): Uint8Array {
  const writer = new ByteWriter(2 + digestsMax * 40);
  writer.list(held.slice(0, digestsMax), ({ digest, sequence }) => writer.bytes(digest, 32).count(sequence));
  return writer.finish();
}

export function decodeDigests(value: Uint8Array): Result<readonly HeldClaim[]> {
  return decode(value, 'digests', (reader) =>
    reader.list('claims', digestsMax, () => ({
      digest: reader.bytes('digest', 32),
      sequence: reader.count('sequence'),
    })),
  );
}

/** Outcome of a put on the wire: the place in this list. The words are those of the refusals of claim records. */
const putOutcomes = [
  'kept',
  'malformed',
  'expired',
  'range',
  'work',
  'signature',
  'sequence',
  'equivocation',
  'crowded',
  'quota',
  'full',
  'locator',
] as const;

export type PutOutcomeName = (typeof putOutcomes)[number];

/** Any refusal that has no number of its own is `malformed`. */
export function putOutcomeNumber(outcome: string): number {
  const number = putOutcomes.findIndex((name) => name === outcome);
  return number < 0 ? putOutcomes.indexOf('malformed') : number;
}

export function putOutcomeAt(number: number): PutOutcomeName | undefined {
  return putOutcomes[number];
}

export function encodePutOutcome(outcome: string): Uint8Array {
  return Uint8Array.of(putOutcomeNumber(outcome));
}

export function decodePutOutcome(value: Uint8Array | null): Result<PutOutcomeName> {
  const name = value?.length === 1 ? putOutcomes[value[0] ?? putOutcomes.length] : undefined;
  return name === undefined ? refuse('outcome', 'put', 'has one byte with a known outcome') : accept(name);
}
