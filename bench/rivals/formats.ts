/**
 * General formats, each in the fastest way that its documentation names: records with shared structures for
 * msgpackr and cbor-x, lazily read fields for flatbuffers.
 */
import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as FieldType,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { Encoder } from 'cbor-x';
import { Builder, ByteBuffer } from 'flatbuffers';
import { Packr } from 'msgpackr';
import type { Format, FrameFields } from './frame-fields.ts';
import { json } from './json.ts';

function msgpackr(): Format {
  const packr = new Packr({ structures: [], copyBuffers: false });
  return {
    name: 'msgpackr',
    encode: (frame) => packr.pack(frame).slice(),
    decode: (bytes) => packr.unpack(bytes) as FrameFields,
  };
}

function cborX(): Format {
  const encoder = new Encoder({ structures: [], copyBuffers: false });
  return {
    name: 'cbor-x',
    encode: (frame) => encoder.encode(frame).slice(),
    decode: (bytes) => encoder.decode(bytes) as FrameFields,
  };
}

/** Without a compiler for `.proto`: the descriptor that it would have written. */
function protobuf(): Format {
  const number = FieldType.UINT32;
  const fields: readonly (readonly [string, number])[] = [
    ['type', number],
    ['version', number],
    ['route', FieldType.BYTES],
    ['generation', FieldType.FIXED32],
    ['guard', FieldType.BYTES],
    ['sealed', FieldType.BYTES],
  ];
  const file = create(FileDescriptorProtoSchema, {
    name: 'frame.proto',
    syntax: 'proto3',
    messageType: [
      {
        name: 'Frame',
        field: fields.map(([name, type], at) => ({ name, type, number: at + 1, label: Label.OPTIONAL })),
      },
    ],
  });
  const schema = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] })).getMessage('Frame');
  if (schema === undefined) throw new Error('the descriptor has the message Frame');
  return {
    name: 'protobuf',
    encode: (frame) => toBinary(schema, create(schema, { ...frame })),
    decode: (bytes) => fromBinary(schema, bytes) as unknown as FrameFields,
  };
}

/** As flatc writes the accessors of a table: each field is read when it is asked for. */
class FlatFrame implements FrameFields {
  readonly #buffer: ByteBuffer;
  readonly #at: number;

  constructor(bytes: Uint8Array) {
    this.#buffer = new ByteBuffer(bytes);
    this.#at = this.#buffer.readInt32(0);
  }

  #field(slot: number): number {
    return this.#buffer.__offset(this.#at, 4 + slot * 2);
  }

  #bytes(slot: number): Uint8Array {
    const field = this.#at + this.#field(slot);
    const bytes = this.#buffer.bytes();
    const start = bytes.byteOffset + this.#buffer.__vector(field);
    return new Uint8Array(bytes.buffer, start, this.#buffer.__vector_len(field));
  }

  get type(): number {
    return this.#buffer.readUint8(this.#at + this.#field(0));
  }
  get version(): number {
    return this.#buffer.readUint8(this.#at + this.#field(1));
  }
  get route(): Uint8Array {
    return this.#bytes(2);
  }
  get generation(): number {
    return this.#buffer.readUint32(this.#at + this.#field(3));
  }
  get guard(): Uint8Array {
    return this.#bytes(4);
  }
  get sealed(): Uint8Array {
    return this.#bytes(5);
  }
}

const flatbuffers: Format = {
  name: 'flatbuffers',
  encode: (frame) => {
    const builder = new Builder(256);
    const [route, guard, sealed] = [frame.route, frame.guard, frame.sealed].map((bytes) =>
      builder.createByteVector(bytes),
    );
    builder.startObject(6);
    builder.addFieldInt8(0, frame.type, 0);
    builder.addFieldInt8(1, frame.version, 0);
    builder.addFieldOffset(2, route ?? 0, 0);
    builder.addFieldInt32(3, frame.generation, 0);
    builder.addFieldOffset(4, guard ?? 0, 0);
    builder.addFieldOffset(5, sealed ?? 0, 0);
    builder.finish(builder.endObject());
    return builder.asUint8Array().slice();
  },
  decode: (bytes) => new FlatFrame(bytes),
};

export function createFormats(): readonly Format[] {
  return [json, msgpackr(), cborX(), protobuf(), flatbuffers];
}
