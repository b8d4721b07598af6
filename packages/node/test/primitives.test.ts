import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  aeadCase,
  cctvCase,
  type CctvVector,
  type ConformanceCase,
  ed25519Case,
  frameCipherCases,
  hkdfCase,
  hmacCase,
  primitivesCases,
  type WycheproofFile,
} from '@mycelium/simulation';
import type { Primitives } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { isKernelWanted, kernelFrameCipher, startKernel } from '../src/primitives/kernel.ts';
import { createPrimitives } from '../src/primitives/primitives.ts';

const vectors = path.join(import.meta.dirname, '../../../../shared/vectors');
const primitives = createPrimitives();

test.for(primitivesCases.map((each) => [each.title, each] as const))('%s', ([, each]) =>
  each.run(primitives),
);

for (const kernel of [true, false]) {
  test.for(frameCipherCases.map((each) => [each.title, each] as const))(
    `${kernel ? 'the kernel' : 'libsodium, frame by frame'}: %s`,
    ([, each]) => each.run(createPrimitives({ kernel })),
  );
}

test('MYCELIUM_KERNEL=off leaves the kernel out', () => {
  expect(isKernelWanted({})).toBe(true);
  expect(isKernelWanted({ MYCELIUM_KERNEL: 'off' })).toBe(false);
  expect(createPrimitives({ kernel: true }).frames).toBe(kernelFrameCipher());
  expect(createPrimitives({ kernel: false }).frames).not.toBe(kernelFrameCipher());
  expect(createPrimitives().frames === kernelFrameCipher()).toBe(isKernelWanted());
});

test('a machine that cannot run the kernel goes without it', () => {
  expect(startKernel(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0xff))).toBeUndefined();
});

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
