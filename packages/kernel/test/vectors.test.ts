/** Public vectors through the kernel: RFC 8439, and every case of Wycheproof. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { aeadCase, expectHex, fromHex, primitivesCases, type WycheproofFile } from '@mycelium/simulation';
import { expect, test } from 'vitest';
import { kernelAead, kernelTag, leftInMemory } from './aead.ts';

const wycheproof = path.join(
  import.meta.dirname,
  '../../../../shared/vectors/wycheproof/chacha20_poly1305.json',
);

const rfc8439 = primitivesCases.filter(({ title }) => /ChaCha20-Poly1305|flipped bit/.test(title));

test('the suite of all primitives has cases for this', () => expect(rfc8439.length).toBe(2));

test.for(rfc8439.map((each) => [each.title, each] as const))('%s', ([, each]) => each.run(kernelAead));

test('ChaCha20-Poly1305 (RFC 8439, appendix A.5) opens', () => {
  const sealed = fromHex(
    `64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d26b0
     bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855
     9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b5216cde7a4e9
     9040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a
     0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049e617d91d361094fa68f0ff77987130
     305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709beead9d67890cbb22392336fea1851f38`.replace(/\s/g, ''),
  );
  const text = new Uint8Array(sealed.length - 16);
  const [associated, nonce] = [fromHex('f33388860000000000004e91'), fromHex('000000000102030405060708')];
  const key = fromHex('1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0');
  expect(kernelAead.open(text, sealed, associated, nonce, key)).toBe(true);
  expect(new TextDecoder().decode(text)).toMatch(/^Internet-Drafts are draft documents .* progress\.\/?/);
  const again = new Uint8Array(sealed.length);
  kernelAead.seal(again, text, associated, nonce, key);
  expectHex(again, Buffer.from(sealed).toString('hex'));
});

const [zeros, ones] = ['00'.repeat(15), 'ff'.repeat(15)];
const block = (first: string, others: string): string => first + others;

/** Where carries and the last reduction go wrong that random messages never meet. */
const edges: readonly (readonly [number: number, r: string, s: string, blocks: string, tag: string])[] = [
  [7, block('02', zeros), block('00', zeros), block('ff', ones), block('03', zeros)],
  [8, block('02', zeros), block('ff', ones), block('02', zeros), block('03', zeros)],
  [9, block('01', zeros), block('00', zeros), `ff${ones}f0${ones}11${zeros}`, block('05', zeros)],
  [
    10,
    block('01', zeros),
    block('00', zeros),
    `ff${ones}fb${'fe'.repeat(15)}${'01'.repeat(16)}`,
    block('00', zeros),
  ],
  [11, block('02', zeros), block('00', zeros), block('fd', ones), block('fa', ones)],
  [
    12,
    '01000000000000000400000000000000',
    block('00', zeros),
    `e33594d7505e43b900000000000000003394d7505e4379cd010000000000000000${zeros}01${zeros}`,
    '14000000000000005500000000000000',
  ],
  [
    13,
    '01000000000000000400000000000000',
    block('00', zeros),
    `e33594d7505e43b900000000000000003394d7505e4379cd010000000000000000${zeros}`,
    '13000000000000000000000000000000',
  ],
];

// Of our own: with r = 1 three blocks add up to just what is said, and nothing is reduced on the way.
test.for([
  ['2^130 - 6', 'fa', 'fa', 'ff'],
  ['2^130 - 5, which is zero', 'fb', '00', '00'],
  ['2^130 - 4, which is one', 'fc', '01', '00'],
] as const)('Poly1305 reduces %s', ([, first, tag, others]) => {
  const key = fromHex(block('01', zeros) + block('00', zeros));
  expectHex(kernelTag(key, fromHex(first + ones + '00'.repeat(32))), tag + others.repeat(15));
});

test.for(edges)('Poly1305 (RFC 8439, appendix A.3, vector %i)', ([, r, s, blocks, tag]) => {
  expectHex(kernelTag(fromHex(r + s), fromHex(blocks)), tag);
});

test('every case of wycheproof/chacha20_poly1305.json', (context) => {
  if (!existsSync(wycheproof)) context.skip('there is no ../shared/vectors here');
  const file = JSON.parse(readFileSync(wycheproof, 'utf8')) as WycheproofFile;
  expect(file.testGroups.flatMap(({ tests }) => tests).length).toBeGreaterThan(300);
  aeadCase(file).run(kernelAead);
});

test('nothing is left in linear memory after a message, whether its tag fits or not', () => {
  const [key, nonce] = [new Uint8Array(32).fill(1), new Uint8Array(12).fill(2)];
  const sealed = new Uint8Array(316);
  kernelAead.seal(sealed, new Uint8Array(300).fill(3), nonce, nonce, key);
  expect(leftInMemory()).toEqual([]);
  const text = new Uint8Array(300);
  expect(kernelAead.open(text, sealed, nonce, nonce, key)).toBe(true);
  expect(leftInMemory()).toEqual([]);
  sealed[7] = (sealed[7] ?? 0) ^ 1;
  expect(kernelAead.open(text, sealed, nonce, nonce, key)).toBe(false);
  expect(leftInMemory()).toEqual([]);
});
