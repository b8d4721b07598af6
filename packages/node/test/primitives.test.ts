import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  aeadCase,
  cctvCase,
  type CctvVector,
  type ConformanceCase,
  ed25519Case,
  hkdfCase,
  hmacCase,
  primitivesCases,
  type WycheproofFile,
} from '@mycelium/simulation';
import type { Primitives } from '@mycelium/protocol';
import { test } from 'vitest';
import { createPrimitives } from '../src/primitives/primitives.ts';

const vectors = path.join(import.meta.dirname, '../../../../shared/vectors');
const primitives = createPrimitives();

test.for(primitivesCases.map((each) => [each.title, each] as const))('%s', ([, each]) =>
  each.run(primitives),
);

const wycheproof: readonly (readonly [
  file: string,
  of: (file: WycheproofFile) => ConformanceCase<Primitives>,
])[] = [
  ['chacha20_poly1305', aeadCase],
  ['ed25519', ed25519Case],
  ['hkdf_sha256', hkdfCase],
  ['hmac_sha256', hmacCase],
];

test.for(wycheproof)('every vector of wycheproof/%s.json', ([name, caseOf], context) => {
  const file = path.join(vectors, 'wycheproof', `${name}.json`);
  if (!existsSync(file)) context.skip('there is no ../shared/vectors here');
  caseOf(JSON.parse(readFileSync(file, 'utf8')) as WycheproofFile).run(primitives);
});

test('every vector of cctv-ed25519.json', (context) => {
  const file = path.join(vectors, 'cctv-ed25519.json');
  if (!existsSync(file)) context.skip('there is no ../shared/vectors here');
  cctvCase(JSON.parse(readFileSync(file, 'utf8')) as readonly CctvVector[]).run(primitives);
});
