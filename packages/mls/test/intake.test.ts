import { bytesToHex, unwrap } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { agreement } from './actors.ts';

const associated = new TextEncoder().encode('the route');
const greeting = new TextEncoder().encode('hello, stranger');

test('what is sealed to an intake key opens with its secret, with the same associated data', async () => {
  const bob = await agreement.createIntakeKey(new Uint8Array(32).fill(3));
  const sealed = await agreement.sealIntake(bob.publicKey, associated, greeting);
  expect(sealed.length).toBe(1_120 + greeting.length + 16);
  expect(unwrap(await agreement.openIntake(bob.secretKey, associated, sealed))).toEqual(greeting);
  const other = await agreement.createIntakeKey(new Uint8Array(32).fill(4));
  for (const [key, data] of [
    [other.secretKey, associated],
    [bob.secretKey, greeting],
  ] as const) {
    expect(await agreement.openIntake(key, data, sealed)).toMatchObject({
      ok: false,
      refusal: { code: 'seal' },
    });
  }
  const [first, second] = [sealed, await agreement.sealIntake(bob.publicKey, associated, greeting)].map(
    bytesToHex,
  );
  expect(first).not.toBe(second);
});

test('any flipped bit is refused', async () => {
  const bob = await agreement.createIntakeKey(new Uint8Array(32).fill(3));
  const sealed = await agreement.sealIntake(bob.publicKey, associated, greeting);
  for (let at = 0; at < sealed.length; at += 13) {
    const forged = sealed.slice();
    forged[at] = forged[at]! ^ 4;
    expect((await agreement.openIntake(bob.secretKey, associated, forged)).ok).toBe(false);
  }
});

test('an intake key is the same for the same seed, and one that is none is refused', async () => {
  const [one, two] = [
    await agreement.createIntakeKey(new Uint8Array(32)),
    await agreement.createIntakeKey(new Uint8Array(32)),
  ];
  expect(one).toEqual(two);
  for (const key of [new Uint8Array(1_216), new Uint8Array(1_216).fill(0xff), new Uint8Array(5)]) {
    await expect(agreement.sealIntake(key, associated, greeting)).rejects.toThrow('X-Wing');
  }
});
