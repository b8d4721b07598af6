/**
 * Splices (spec/mail.md, "Splices"): a relay joins two links into one on which two devices shake hands with each other, so that
 * it carries what it cannot read. `splice` (34) is the first frame of a link, in the place of a hello; `spliced` (35) is the
 * answer, after which every byte is the other side's; `summons` (36) tells a device that waits at the relay that it is called.
 */
import type { TransportKey } from '../brands.ts';
import { controlFrameTypes } from '../codes.ts';
import type { Result } from '../errors.ts';
import {
  type ControlHeader,
  decodeControl,
  encodeControl,
  noRequest,
  noRoute,
  smallControlBytes,
} from './control-header.ts';

export const spliceTicketBytes = 32;

const roles = { call: 1, answer: 2 } as const;

export interface Splice extends ControlHeader {
  readonly kind: 'splice';
  readonly role: keyof typeof roles;
  /** Whom the caller calls; the ticket of the summons that is answered. 32 bytes. */
  readonly whom: Uint8Array;
}

export interface Spliced extends ControlHeader {
  readonly kind: 'spliced';
}

export interface Summons extends ControlHeader {
  readonly kind: 'summons';
  readonly ticket: Uint8Array;
}

const layout = { type: controlFrameTypes.splice, name: 'splice', size: smallControlBytes };
const splicedLayout = { type: controlFrameTypes.spliced, name: 'spliced', size: smallControlBytes };
const summonsLayout = { type: controlFrameTypes.summons, name: 'summons', size: smallControlBytes };
const aboutConnection = { route: noRoute, requestId: noRequest };

export function encodeSplice({ role, whom }: Pick<Splice, 'role' | 'whom'>): Uint8Array {
  return encodeControl(layout, aboutConnection, (writer) => writer.u8(roles[role]).bytes(whom, 32));
}

export function encodeSpliceCall(target: TransportKey): Uint8Array {
  return encodeSplice({ role: 'call', whom: target });
}

export function decodeSplice(frame: Uint8Array): Result<Splice> {
  return decodeControl(layout, frame, (reader) => {
    const role = reader.u8('role');
    if (role !== roles.call && role !== roles.answer) reader.refuse('role', 'range', 'is 1 or 2');
    return {
      kind: 'splice' as const,
      role: role === roles.call ? ('call' as const) : ('answer' as const),
      whom: reader.bytes('whom', 32),
    };
  });
}

export function encodeSpliced(): Uint8Array {
  return encodeControl(splicedLayout, aboutConnection, () => undefined);
}

export function decodeSpliced(frame: Uint8Array): Result<Spliced> {
  return decodeControl(splicedLayout, frame, () => ({ kind: 'spliced' as const }));
}

export function encodeSummons(ticket: Uint8Array): Uint8Array {
  return encodeControl(summonsLayout, aboutConnection, (writer) => writer.bytes(ticket, spliceTicketBytes));
}

export function decodeSummons(frame: Uint8Array): Result<Summons> {
  return decodeControl(summonsLayout, frame, (reader) => ({
    kind: 'summons' as const,
    ticket: reader.bytes('ticket', spliceTicketBytes),
  }));
}
