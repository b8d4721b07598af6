/**
 * What a directory node answers (spec/directory-node.md, "Commands"). Nothing here is logged: a locator in a log would
 * outlive its day.
 */
import {
  bytesEqual,
  directoryCommands,
  encodeDigests,
  encodePutOutcome,
  isDigestsRequest,
  sourceNetwork,
  type ClaimTable,
} from '@mycelium/protocol';
import type { Clock } from '../ports/clock.ts';

export interface ClaimHolder {
  readonly table: ClaimTable;
  readonly clock: Pick<Clock, 'nowMs'>;
}

export interface NodeRequest {
  readonly command: number;
  readonly target: Uint8Array;
  readonly value: Uint8Array | null;
  /** The asker receives at the address it asks from. */
  readonly proved: boolean;
  /** IP address that asks. */
  readonly host: string;
}

export interface NodeAnswer {
  readonly value: Uint8Array | null;
  /** With a token and the closer nodes: answers that end an exchange say nothing about others. */
  readonly leadsOn: boolean;
}

/** Undefined: silence. */
export function answerRequest(holder: ClaimHolder, request: NodeRequest): NodeAnswer | undefined {
  const { command, target, value, proved } = request;
  if (command === directoryCommands.digests) {
    if (!isDigestsRequest(value)) return undefined;
    const held = holder.table.get(target, holder.clock.nowMs());
    return { value: encodeDigests(held), leadsOn: true };
  }
  // Without a token the address that asks may be somebody else's: it gets nothing.
  if (!proved || value === null) return undefined;
  if (command === directoryCommands.claim) {
    const held = holder.table.get(target, holder.clock.nowMs());
    const found = held.find((record) => bytesEqual(record.digest, value));
    return { value: found?.bytes ?? null, leadsOn: false };
  }
  if (command === directoryCommands.put) {
    return { value: encodePutOutcome(putClaim(holder, value, request)), leadsOn: false };
  }
  return undefined;
}

/** Bytes 4 to 35 of a record are its locator; a put for another place is not even verified. */
function putClaim({ table, clock }: ClaimHolder, record: Uint8Array, { host, target }: NodeRequest): string {
  if (!bytesEqual(record.subarray(4, 36), target)) return 'locator';
  const outcome = table.put(record, sourceNetwork(host), clock.nowMs());
  return outcome.ok ? 'kept' : outcome.refusal.code;
}
