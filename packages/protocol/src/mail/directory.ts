/**
 * The directory through a relay (spec/mail.md, "Directory"), for those who reach no directory node themselves: `look-up`
 * (37) of a locator, `publish` (39) of a record, and `found` (38), which answers both. The relay learns the locator, and
 * nothing of whom it is.
 */
import { controlFrameTypes } from '../codes.ts';
import { putOutcomeAt, putOutcomeNumber, type PutOutcomeName } from '../directory/commands.ts';
import type { Result } from '../errors.ts';
import { claimRecordBytes } from '../limits.ts';
import {
  type ControlHeader,
  decodeControl,
  encodeControl,
  largeControlBytes,
  noRoute,
  smallControlBytes,
} from './control-header.ts';

export interface LookUp extends ControlHeader {
  readonly kind: 'look-up';
  readonly locator: Uint8Array;
}

export interface Publish extends ControlHeader {
  readonly kind: 'publish';
  /** Published at once. Otherwise only kept, and published when its time comes. */
  readonly now: boolean;
  readonly record: Uint8Array;
}

export interface Found extends ControlHeader {
  readonly kind: 'found';
  /** Another `found` follows for the same request. */
  readonly more: boolean;
  /** Directory nodes that the relay knows. */
  readonly nodes: number;
  /** Of a publication: nodes that have the record now, and what most of the others say. */
  readonly accepted: number;
  readonly outcome: PutOutcomeName;
  /** Of a look-up, at most 4. */
  readonly records: readonly Uint8Array[];
}

/** What the directory said, before it is cut into frames. */
export type DirectoryFindings = Pick<Found, 'nodes' | 'accepted' | 'outcome' | 'records'>;

/** What there is room for in one frame. */
export const foundRecordsMax = 4;

const lookUpLayout = { type: controlFrameTypes.lookUp, name: 'look-up', size: smallControlBytes };
const foundLayout = { type: controlFrameTypes.found, name: 'found', size: largeControlBytes };
const publishLayout = { type: controlFrameTypes.publish, name: 'publish', size: largeControlBytes };

export function encodeLookUp(lookUp: Pick<LookUp, 'requestId' | 'locator'>): Uint8Array {
  return encodeControl(lookUpLayout, { route: noRoute, requestId: lookUp.requestId }, (writer) =>
    writer.bytes(lookUp.locator, 32),
  );
}

export function decodeLookUp(frame: Uint8Array): Result<LookUp> {
  return decodeControl(lookUpLayout, frame, (reader, { route }) => {
    if (route.some((byte) => byte !== 0)) reader.refuse('route', 'reserved', 'is zero');
    return { kind: 'look-up' as const, locator: reader.bytes('locator', 32) };
  });
}

export function encodePublish(publish: Omit<Publish, 'kind'>): Uint8Array {
  return encodeControl(publishLayout, publish, (writer) =>
    writer.u8(publish.now ? 1 : 0).bytes(publish.record, claimRecordBytes),
  );
}

export function decodePublish(frame: Uint8Array): Result<Publish> {
  return decodeControl(publishLayout, frame, (reader) => {
    const flags = reader.u8('flags');
    if (flags > 1) reader.refuse('flags', 'reserved', 'is 0 or 1');
    return {
      kind: 'publish' as const,
      now: flags === 1,
      record: reader.bytes('record', claimRecordBytes),
    };
  });
}

export function encodeFound(found: Omit<Found, 'kind'>): Uint8Array {
  return encodeControl(foundLayout, found, (writer) => {
    writer.u8(found.more ? 1 : 0).u8(putOutcomeNumber(found.outcome));
    writer.u16(found.nodes).u16(found.accepted);
    writer.list(found.records, (record) => writer.bytes(record, claimRecordBytes));
  });
}

export function decodeFound(frame: Uint8Array): Result<Found> {
  return decodeControl(foundLayout, frame, (reader) => {
    const more = reader.u8('more');
    if (more > 1) reader.refuse('more', 'reserved', 'is 0 or 1');
    const outcome = putOutcomeAt(reader.u8('outcome'));
    if (outcome === undefined) reader.refuse('outcome', 'range', 'is a registered one');
    return {
      kind: 'found' as const,
      more: more === 1,
      outcome: outcome ?? 'malformed',
      nodes: reader.u16('nodes'),
      accepted: reader.u16('accepted'),
      records: reader.list('records', foundRecordsMax, () => reader.bytes('record', claimRecordBytes)),
    };
  });
}
