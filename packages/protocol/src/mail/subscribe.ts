/**
 * `subscribe` (24) and `unsubscribe` (33): a reader asks for everything from an index on, or for no more of it
 * (spec/mail.md, "Subscribe"). Both are answered by `done`. The reader keeps the cursor, the server keeps none
 * beyond the connection.
 */
import { controlFrameTypes } from '../codes.ts';
import type { Result } from '../errors.ts';
import { type ControlHeader, decodeControl, encodeControl, smallControlBytes } from './control-header.ts';

export interface Subscribe extends ControlHeader {
  readonly kind: 'subscribe';
  readonly from: number;
}

export interface Unsubscribe extends ControlHeader {
  readonly kind: 'unsubscribe';
}

const subscribeLayout = { type: controlFrameTypes.subscribe, name: 'subscribe', size: smallControlBytes };
const unsubscribeLayout = {
  type: controlFrameTypes.unsubscribe,
  name: 'unsubscribe',
  size: smallControlBytes,
};

export function encodeSubscribe(subscribe: Omit<Subscribe, 'kind'>): Uint8Array {
  return encodeControl(subscribeLayout, subscribe, (writer) => writer.count(subscribe.from));
}

export function decodeSubscribe(frame: Uint8Array): Result<Subscribe> {
  return decodeControl(subscribeLayout, frame, (reader) => ({
    kind: 'subscribe' as const,
    from: reader.count('from'),
  }));
}

export function encodeUnsubscribe(unsubscribe: Omit<Unsubscribe, 'kind'>): Uint8Array {
  return encodeControl(unsubscribeLayout, unsubscribe, () => undefined);
}

export function decodeUnsubscribe(frame: Uint8Array): Result<Unsubscribe> {
  return decodeControl(unsubscribeLayout, frame, () => ({ kind: 'unsubscribe' as const }));
}
