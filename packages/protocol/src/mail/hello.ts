/**
 * `hello` (20): the first frame of both sides (spec/mail.md, "Hello"). Versions, bounds, and the challenge that
 * the other side signs when it opens queues. A side that serves no queues says so with a retention of zero.
 */
import { controlFrameTypes, helloFeatures } from '../codes.ts';
import type { Result } from '../errors.ts';
import { decodeControl, encodeControl, noRequest, noRoute, smallControlBytes } from './control-header.ts';

export const challengeBytes = 32;

export interface Hello {
  readonly kind: 'hello';
  /** Mail protocol versions that this side speaks. The highest of both is used; none in common: `unexpected`. */
  readonly versionMin: number;
  readonly versionMax: number;
  /** `helloFeatures`; unknown bits are ignored. */
  readonly features: number;
  /** 32 fresh random bytes. */
  readonly challenge: Uint8Array;
  /** Frames a second that one connection may append in the long run. Zero: no bound is told. */
  readonly appendFramesPerSecond: number;
  /** How long a stored frame is kept, in seconds. Zero: this side serves no queues of others. */
  readonly retentionSeconds: number;
  /** Frames that one queue may hold. */
  readonly queueFramesMax: number;
}

const layout = { type: controlFrameTypes.hello, name: 'hello', size: smallControlBytes };

export function encodeHello(hello: Omit<Hello, 'kind'>): Uint8Array {
  return encodeControl(layout, { route: noRoute, requestId: noRequest }, (writer) => {
    writer
      .u8(hello.versionMin)
      .u8(hello.versionMax)
      .u32(hello.features)
      .bytes(hello.challenge, challengeBytes);
    writer.u32(hello.appendFramesPerSecond).u32(hello.retentionSeconds).u32(hello.queueFramesMax);
  });
}

/** What this side calls *stored* is in the memory of most of several servers, and not yet on their disks. */
export function isReplicatedOnly({ features }: Pick<Hello, 'features'>): boolean {
  return (features & helloFeatures.replicated) !== 0;
}

/** Intake tokens are taken in the place of stamps. */
export function takesIntakeTokens({ features }: Pick<Hello, 'features'>): boolean {
  return (features & helloFeatures.intakeTokens) !== 0;
}

export function decodeHello(frame: Uint8Array): Result<Hello> {
  return decodeControl(layout, frame, (reader, header) => {
    if (!isZero(header.route)) reader.refuse('route', 'reserved', 'is zero');
    if (!isZero(header.requestId)) reader.refuse('request id', 'reserved', 'is zero');
    const hello: Hello = {
      kind: 'hello',
      versionMin: reader.u8('version min'),
      versionMax: reader.u8('version max'),
      features: reader.u32('features'),
      challenge: reader.bytes('challenge', challengeBytes),
      appendFramesPerSecond: reader.u32('append frames per second'),
      retentionSeconds: reader.u32('retention'),
      queueFramesMax: reader.u32('queue frames max'),
    };
    if (hello.versionMin > hello.versionMax) {
      reader.refuse('version min', 'range', 'is not above version max');
    }
    return hello;
  });
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
