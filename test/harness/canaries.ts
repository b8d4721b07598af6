/** What nobody but Alice and Bob may ever hold: looked for in files and captures, in every form it could take. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

export interface Canary {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A text as UTF-8, UTF-16 and base64 without the ends that depend on its neighbours. */
export function textCanaries(name: string, text: string): readonly Canary[] {
  const utf8 = Buffer.from(text, 'utf8');
  return [
    { name, bytes: utf8 },
    { name: `${name} in UTF-16`, bytes: Buffer.from(text, 'utf16le') },
    ...[0, 1, 2].map((shift) => ({
      name: `${name} in base64`,
      bytes: Buffer.from(
        Buffer.concat([Buffer.alloc(shift), utf8])
          .toString('base64')
          .slice(4, -4),
      ),
    })),
    { name: `${name} in hexadecimal`, bytes: Buffer.from(utf8.toString('hex')) },
  ];
}

export function keyCanaries(name: string, hex: string): readonly Canary[] {
  const bytes = Buffer.from(hex, 'hex');
  return [
    { name, bytes },
    { name: `${name} in hexadecimal`, bytes: Buffer.from(hex) },
    { name: `${name} in base64`, bytes: Buffer.from(bytes.toString('base64').slice(0, -2)) },
  ];
}

/** Names of the canaries that are in `bytes`. */
export function found(canaries: readonly Canary[], bytes: Uint8Array): readonly string[] {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return canaries.filter((canary) => haystack.includes(canary.bytes)).map((canary) => canary.name);
}

/** `file: canary` for every canary in any file below `folder`. */
export function foundBelow(canaries: readonly Canary[], folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile())
    .flatMap((file) => found(canaries, readFileSync(file)).map((canary) => `${file}: ${canary}`));
}
