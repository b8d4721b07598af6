// A browser's first words: the code in the place of the token.
import { expect, test } from 'vitest';
import { browserToken, join, pairingCode } from './host.ts';

test('a code gives a token, and the session is open', async () => {
  const { caller } = join();
  expect(await caller.call('session.pair', { code: pairingCode, name: 'Firefox' })).toEqual({
    token: browserToken,
    version: '0.1.0',
  });
  expect(await caller.call('contacts.list', {})).toMatchObject({
    contacts: [{ address: 'bob@example.com' }],
  });
});

test('a wrong code ends the connection, and nothing was done', async () => {
  const joined = join();
  const pairing = joined.caller.call('session.pair', { code: '0000-0000', name: 'Mallory' });
  await expect(pairing).rejects.toMatchObject({ code: 'wrong-code', field: 'code' });
  expect(joined.closed).toBe(true);
});

test.each([{ code: '' }, { code: 'x'.repeat(41) }, {}])('no code at all: %j', async (params) => {
  const { caller } = join();
  const pairing = caller.call('session.pair', { name: 'x', ...params } as never);
  await expect(pairing).rejects.toMatchObject({ code: 'bad-params', field: 'code' });
});
