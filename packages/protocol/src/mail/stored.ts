/**
 * `stored` (23): the answer to an appended frame or intake frame once it is on disk (spec/mail.md, "Append").
 * The request id is bytes 20-31 of the frame that it answers.
 */
import { controlFrameTypes, wireVersion } from '../codes.ts';
import type { Result } from '../errors.ts';
import {
  type ControlHeader,
  decodeControl,
  encodeControl,
  requestIdAt,
  requestIdBytes,
  smallControlBytes,
} from './control-header.ts';

export interface Stored extends ControlHeader {
  readonly kind: 'stored';
  readonly index: number;
  /** Wall time of the server at which it may forget the frame. */
  readonly expiresMs: number;
}

const layout = { type: controlFrameTypes.stored, name: 'stored', size: smallControlBytes };

export function encodeStored(stored: Omit<Stored, 'kind'>): Uint8Array {
  return encodeControl(layout, stored, (writer) => writer.count(stored.index).count(stored.expiresMs));
}

/** A frame that is stored, and where. */
export interface StoredAppend {
  /** A mail or intake frame: its route and request id are where those of the answer are. */
  readonly append: { readonly frame: Uint8Array };
  readonly outcome: { readonly index: number; readonly expiresMs: number };
}

const routeAt = 4;
const indexAt = requestIdAt + requestIdBytes;
const expiresAt = indexAt + 8;
const high = 0x1_0000_0000;

/** The answers to many appends, one after the other in one piece: a batch is answered in one write. */
export function encodeStoredAppends(appends: readonly StoredAppend[]): Uint8Array {
  const bytes = new Uint8Array(appends.length * smallControlBytes);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { append, outcome } of appends) {
    const { frame } = append;
    const { index, expiresMs } = outcome;
    bytes[at] = layout.type;
    bytes[at + 1] = wireVersion;
    view.setUint16(at + 2, smallControlBytes - 4, true);
    for (let copied = routeAt; copied < indexAt; copied += 1) bytes[at + copied] = frame[copied] ?? 0;
    view.setUint32(at + indexAt, index % high, true);
    view.setUint32(at + indexAt + 4, Math.floor(index / high), true);
    view.setUint32(at + expiresAt, expiresMs % high, true);
    view.setUint32(at + expiresAt + 4, Math.floor(expiresMs / high), true);
    at += smallControlBytes;
  }
  return bytes;
}

export function decodeStored(frame: Uint8Array): Result<Stored> {
  return decodeControl(layout, frame, (reader) => ({
    kind: 'stored' as const,
    index: reader.count('index'),
    expiresMs: reader.count('expires'),
  }));
}
