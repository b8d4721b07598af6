// oxlint-disable typescript/no-misused-new -- the names are libsignal's
/**
 * As much of the rivals' types as the benchmarks use, so that everything type-checks where they are not installed.
 * Ambient declarations go before installed ones.
 */
declare module 'msgpackr' {
  export class Packr {
    constructor(options: { readonly structures: unknown[]; readonly copyBuffers: boolean });
    pack(value: unknown): Uint8Array;
    unpack(bytes: Uint8Array): unknown;
  }
}

declare module 'cbor-x' {
  export class Encoder {
    constructor(options: { readonly structures: unknown[]; readonly copyBuffers: boolean });
    encode(value: unknown): Uint8Array;
    decode(bytes: Uint8Array): unknown;
  }
}

declare module 'flatbuffers' {
  export class Builder {
    constructor(bytes: number);
    createByteVector(bytes: Uint8Array): number;
    startObject(fields: number): void;
    endObject(): number;
    addFieldInt8(slot: number, value: number, absent: number): void;
    addFieldInt32(slot: number, value: number, absent: number): void;
    addFieldOffset(slot: number, value: number, absent: number): void;
    finish(root: number): void;
    asUint8Array(): Uint8Array;
  }
  export class ByteBuffer {
    constructor(bytes: Uint8Array);
    bytes(): Uint8Array<ArrayBuffer>;
    readInt32(at: number): number;
    readUint32(at: number): number;
    readUint8(at: number): number;
    __offset(table: number, slot: number): number;
    __vector(at: number): number;
    __vector_len(at: number): number;
  }
}

declare module '@bufbuild/protobuf' {
  type Schema = { readonly typeName: string };
  export function create(schema: Schema, init: object): object;
  export function createFileRegistry(set: object): { getMessage(name: string): Schema | undefined };
  export function fromBinary(schema: Schema, bytes: Uint8Array): object;
  export function toBinary(schema: Schema, message: object): Uint8Array;
}

declare module '@bufbuild/protobuf/wkt' {
  export const FileDescriptorProtoSchema: { readonly typeName: string };
  export const FileDescriptorSetSchema: { readonly typeName: string };
  export const FieldDescriptorProto_Label: { readonly OPTIONAL: number };
  export const FieldDescriptorProto_Type: Readonly<Record<'UINT32' | 'FIXED32' | 'BYTES', number>>;
}

declare module '@signalapp/libsignal-client' {
  type Bytes = Uint8Array<ArrayBuffer>;
  export class PublicKey {
    serialize(): Bytes;
  }
  export class PrivateKey {
    static generate(): PrivateKey;
    getPublicKey(): PublicKey;
    sign(message: Bytes): Bytes;
  }
  export class KEMPublicKey {
    serialize(): Bytes;
  }
  export class KEMKeyPair {
    static generate(): KEMKeyPair;
    getPublicKey(): KEMPublicKey;
  }
  export class ProtocolAddress {
    static new(name: string, device: number): ProtocolAddress;
  }
  export class SessionRecord {
    serialize(): Bytes;
  }
  export class PreKeyRecord {
    id(): number;
  }
  export class SignedPreKeyRecord {
    static new(...fields: [number, number, PublicKey, PrivateKey, Bytes]): SignedPreKeyRecord;
  }
  export class KyberPreKeyRecord {
    static new(...fields: [number, number, KEMKeyPair, Bytes]): KyberPreKeyRecord;
  }
  type Signed<Key> = [id: number, key: Key, signature: Bytes];
  type Bundle = [number, number, null, null, ...Signed<PublicKey>, PublicKey, ...Signed<KEMPublicKey>];
  export class PreKeyBundle {
    static new(...fields: Bundle): PreKeyBundle;
  }
  export enum IdentityChange {
    NewOrUnchanged,
  }
  export abstract class SessionStore {
    abstract saveSession(name: ProtocolAddress, record: SessionRecord): Promise<void>;
    abstract getSession(name: ProtocolAddress): Promise<SessionRecord | null>;
    abstract getExistingSessions(addresses: ProtocolAddress[]): Promise<SessionRecord[]>;
  }
  export abstract class IdentityKeyStore {
    abstract getIdentityKey(): Promise<PrivateKey>;
    abstract getLocalRegistrationId(): Promise<number>;
    abstract saveIdentity(name: ProtocolAddress, key: PublicKey): Promise<IdentityChange>;
    abstract isTrustedIdentity(name: ProtocolAddress, key: PublicKey): Promise<boolean>;
    abstract getIdentity(name: ProtocolAddress): Promise<PublicKey | null>;
  }
  export abstract class PreKeyStore {
    abstract savePreKey(id: number, record: PreKeyRecord): Promise<void>;
    abstract getPreKey(id: number): Promise<PreKeyRecord>;
    abstract removePreKey(id: number): Promise<void>;
  }
  export abstract class SignedPreKeyStore {
    abstract saveSignedPreKey(id: number, record: SignedPreKeyRecord): Promise<void>;
    abstract getSignedPreKey(id: number): Promise<SignedPreKeyRecord>;
  }
  export abstract class KyberPreKeyStore {
    abstract saveKyberPreKey(id: number, record: KyberPreKeyRecord): Promise<void>;
    abstract getKyberPreKey(id: number): Promise<KyberPreKeyRecord>;
    abstract markKyberPreKeyUsed(id: number, signedId: number, baseKey: PublicKey): Promise<void>;
  }
  export class SignalMessage {
    static deserialize(bytes: Bytes): SignalMessage;
  }
  export class PreKeySignalMessage {
    static deserialize(bytes: Bytes): PreKeySignalMessage;
  }
  export class CiphertextMessage {
    serialize(): Bytes;
  }
  type Parties = [peer: ProtocolAddress, own: ProtocolAddress, SessionStore, IdentityKeyStore];
  export function processPreKeyBundle(bundle: PreKeyBundle, ...parties: Parties): Promise<void>;
  export function signalEncrypt(plain: Bytes, ...parties: Parties): Promise<CiphertextMessage>;
  export function signalDecrypt(message: SignalMessage, ...parties: Parties): Promise<Bytes>;
  export function signalDecryptPreKey(
    message: PreKeySignalMessage,
    ...rest: [...Parties, PreKeyStore, SignedPreKeyStore, KyberPreKeyStore]
  ): Promise<Bytes>;
}
