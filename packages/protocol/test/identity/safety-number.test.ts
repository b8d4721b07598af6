import { expect, test } from 'vitest';
import { parseSafetyNumber, safetyNumber } from '@mycelium/protocol';
import { alice, bob } from './accounts.ts';
import { primitives, seedOf } from './people.ts';
import type { AccountKey } from '@mycelium/protocol';

const number = safetyNumber(primitives, alice.state, bob.state);

test('sixty digits in groups of five', () => {
  expect(number).toMatch(/^(?:[0-9]{5} ){11}[0-9]{5}$/);
});

test('another key of either account is another number', () => {
  const accountKey = primitives.ed25519PublicKey(seedOf('mallory')) as AccountKey;
  expect(safetyNumber(primitives, { ...alice.state, accountKey }, bob.state)).not.toBe(number);
  expect(safetyNumber(primitives, alice.state, { ...bob.state, accountKey })).not.toBe(number);
});

test('a number is read however it was typed', () => {
  const digits = number.replaceAll(' ', '');
  for (const typed of [
    number,
    digits,
    ` ${number}\n`,
    digits.replace(/.{12}/g, '$& \n'),
    number.replaceAll(' ', '-'),
  ]) {
    expect(parseSafetyNumber(typed)).toEqual({ ok: true, value: number });
  }
  expect(parseSafetyNumber(digits.slice(1))).toMatchObject({ ok: false, refusal: { code: 'length' } });
  expect(parseSafetyNumber(`${digits}1`)).toMatchObject({ ok: false, refusal: { code: 'length' } });
  expect(parseSafetyNumber(digits.replace(/.$/, 'x'))).toMatchObject({
    ok: false,
    refusal: { code: 'digit' },
  });
});
