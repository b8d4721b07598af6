/**
 * What all control frames share (spec/mail.md, "Control frames"): 32 bytes of header, a body from offset 32 on,
 * zeros to the end, 128 or 4,096 bytes in all. One file a frame holds its body.
 *
 * | at | size | field |
 * |---|---|---|
 * | 0 | 1 | type, 20-39 |
 * | 1 | 1 | version (low four bits), flags (high four bits, zero) |
 * | 2 | 2 | length: the frame's size − 4 |
 * | 4 | 16 | route, or zero |
 * | 20 | 12 | request id: chosen by who asks, repeated in the one answer; zero where nothing was asked |
 */
import { decode, type ByteReader } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { wireVersion } from '../codes.ts';
import type { Result } from '../errors.ts';
import { routeBytes } from './route.ts';

export const requestIdAt = 20;
export const requestIdBytes = 12;
export const smallControlBytes = 128;
export const largeControlBytes = 4096;

export interface ControlHeader {
  /** 16 bytes; zero where a frame is about the connection. */
  readonly route: Uint8Array;
  /** 12 bytes. */
  readonly requestId: Uint8Array;
}

export const noRoute: Uint8Array = new Uint8Array(routeBytes);
export const noRequest: Uint8Array = new Uint8Array(requestIdBytes);

export interface ControlLayout {
  readonly type: number;
  /** In the words of the spec, for refusals. */
  readonly name: string;
  readonly size: number;
}

export function encodeControl(
  layout: ControlLayout,
  header: ControlHeader,
  body: (writer: ByteWriter) => void,
): Uint8Array {
  const writer = new ByteWriter(layout.size);
  writer
    .u8(layout.type)
    .u8(wireVersion)
    .u16(layout.size - 4);
  writer.bytes(header.route, routeBytes).bytes(header.requestId, requestIdBytes);
  body(writer);
  return writer.padTo(layout.size).finish();
}

/** Decodes one whole frame of exactly `layout.size` bytes. */
export function decodeControl<Body>(
  layout: ControlLayout,
  frame: Uint8Array,
  body: (reader: ByteReader, header: ControlHeader) => Body,
): Result<ControlHeader & Body> {
  return decode(frame, layout.name, (reader) => {
    if (frame.length !== layout.size) reader.refuse('length', 'length', `is ${layout.size} bytes`);
    if (reader.u8('type') !== layout.type) reader.refuse('type', 'type', `is ${layout.type}`);
    if (reader.u8('version') !== wireVersion) {
      reader.refuse('version', 'version', `is ${wireVersion}, with no flags`);
    }
    if (reader.u16('length') !== layout.size - 4) reader.refuse('length', 'length', `is ${layout.size - 4}`);
    const header: ControlHeader = {
      route: reader.bytes('route', routeBytes),
      requestId: reader.bytes('request id', requestIdBytes),
    };
    const value = body(reader, header);
    reader.zeros('padding');
    return { ...header, ...value };
  });
}
