/** `fetch` (26): a reader asks once for frames from an index on; answered by one `push` (spec/mail.md, "Fetch"). */
import { controlFrameTypes } from '../codes.ts';
import type { Result } from '../errors.ts';
import { pushFramesMax } from '../limits.ts';
import { type ControlHeader, decodeControl, encodeControl, smallControlBytes } from './control-header.ts';

export interface Fetch extends ControlHeader {
  readonly kind: 'fetch';
  readonly from: number;
  /** At most this many frames; zero asks for `available first` and `next` only. */
  readonly count: number;
}

const layout = { type: controlFrameTypes.fetch, name: 'fetch', size: smallControlBytes };

export function encodeFetch(fetch: Omit<Fetch, 'kind'>): Uint8Array {
  return encodeControl(layout, fetch, (writer) => writer.count(fetch.from).u16(fetch.count));
}

export function decodeFetch(frame: Uint8Array): Result<Fetch> {
  return decodeControl(layout, frame, (reader) => {
    const fetch = { kind: 'fetch' as const, from: reader.count('from'), count: reader.u16('count') };
    if (fetch.count > pushFramesMax) reader.refuse('count', 'length', `is at most ${pushFramesMax}`);
    return fetch;
  });
}
