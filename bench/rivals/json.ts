/** JSON: bytes as base64, written and read by Node's own code. Needs nothing installed. */
import type { Format, FrameFields } from './frame-fields.ts';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'base64');

type Written = Pick<FrameFields, 'type' | 'version' | 'generation'> &
  Readonly<Record<'route' | 'guard' | 'sealed', string>>;

export const json: Format = {
  name: 'JSON',
  encode: ({ route, guard, sealed, ...numbers }) =>
    Buffer.from(
      JSON.stringify({ ...numbers, route: base64(route), guard: base64(guard), sealed: base64(sealed) }),
    ),
  decode: (bytes) => {
    const { type, version, generation, ...texts } = JSON.parse(Buffer.from(bytes).toString()) as Written;
    const [route, guard, sealed] = [bytesOf(texts.route), bytesOf(texts.guard), bytesOf(texts.sealed)];
    return { type, version, generation, route, guard, sealed };
  },
};
