// Anything at all is sent to the daemon's end: it neither throws nor goes silent, and afterwards still answers.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { methods } from '@mycelium/api';
import { join, token } from './host.ts';

const anyMethod = fc.constantFrom(...Object.keys(methods), 'toString', '__proto__');
const anyRequest = fc.record(
  { jsonrpc: fc.constant('2.0'), id: fc.jsonValue(), method: anyMethod, params: fc.object() },
  { requiredKeys: [] },
);
const anyLine = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  anyRequest.map((value) => JSON.stringify(value)),
);

test('no bytes at all break the daemon’s end, before the token or after it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(anyLine, { maxLength: 5 }), async (authenticated, pieces) => {
      const joined = join();
      if (authenticated) await joined.caller.call('session.open', { token });
      for (const piece of pieces) joined.connection.received(`${piece}\n`);
      await new Promise((resolve) => setImmediate(resolve));
      for (const line of joined.lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
      joined.connection.closed();
    }),
    { numRuns: 300 },
  );
});

test('nothing that an answer holds breaks the caller', () => {
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 5 }), (pieces) => {
      const { caller } = join();
      for (const piece of pieces) caller.received(`${piece}\n`);
    }),
    { numRuns: 300 },
  );
});
