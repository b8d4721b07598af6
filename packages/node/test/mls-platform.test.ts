import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fromHex } from '@mycelium/simulation';
import { bytesToHex } from '@mycelium/protocol';
import { expect, test, type TestContext } from 'vitest';
import { createMlsPlatform } from '../src/mls-provider/platform.ts';

const folder = path.join(import.meta.dirname, '../../../../shared/vectors/wycheproof');
const platform = createMlsPlatform();

type Vector = Readonly<Record<string, string>> & { readonly tcId: number; readonly flags: readonly string[] };
interface Group {
  readonly type: string;
  readonly tests: readonly Vector[];
}

function load(name: string, context: TestContext): readonly Group[] {
  const file = path.join(folder, `${name}.json`);
  if (!existsSync(file)) context.skip('there is no ../shared/vectors here');
  return (JSON.parse(readFileSync(file, 'utf8')) as { testGroups: readonly Group[] }).testGroups;
}

test('X25519: every vector of Wycheproof, a shared secret of zero refused', (context) => {
  for (const { tests } of load('x25519', context)) {
    for (const vector of tests) {
      const shared = platform.x25519(fromHex(vector['private']!), fromHex(vector['public']!));
      const zero = /^0+$/.test(vector['shared']!);
      expect(shared && bytesToHex(shared), `test ${vector.tcId}`).toBe(zero ? undefined : vector['shared']);
    }
  }
});

test('ML-KEM-768: every vector of Wycheproof that has a seed', (context) => {
  let count = 0;
  for (const { type, tests } of load('mlkem_768', context)) {
    for (const vector of tests) {
      if (type !== 'MLKEMTest' || vector['seed'] === undefined) continue;
      if (vector['seed'].length !== 128) {
        expect(vector['result']).toBe('invalid');
        continue;
      }
      const seed = fromHex(vector['seed']);
      const shared = platform.mlKem768Decapsulate(seed, fromHex(vector['c']!));
      const valid = vector['result'] === 'valid';
      expect(shared && bytesToHex(shared), `test ${vector.tcId}`).toBe(valid ? vector['K'] : undefined);
      if (vector['ek'] !== undefined && valid)
        expect(bytesToHex(platform.mlKem768PublicKey(seed))).toBe(vector['ek']);
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(10);
});

test('ML-KEM-768: a public key out of range or of another length is refused', () => {
  expect(platform.mlKem768Encapsulate(new Uint8Array(1_184).fill(0xff))).toBeUndefined();
  expect(platform.mlKem768Encapsulate(new Uint8Array(1_183))).toBeUndefined();
});

test('SHA3-256, SHAKE256 and SHA-512 of nothing (FIPS 202, FIPS 180-4)', () => {
  const nothing = new Uint8Array(0);
  expect(bytesToHex(platform.sha3(nothing))).toBe(
    'a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a',
  );
  expect(bytesToHex(platform.shake256(nothing, 32))).toBe(
    '46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f',
  );
  expect(bytesToHex(platform.sha512(nothing)).slice(0, 32)).toBe('cf83e1357eefb8bdf1542850d66d8007');
});
