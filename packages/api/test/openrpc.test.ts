import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openRpcDocument, openRpcFile } from '../scripts/openrpc.ts';

test('docs/openrpc.json is what packages/api/scripts/openrpc.ts makes of the schemas', () => {
  expect(readFileSync(openRpcFile, 'utf8')).toBe(openRpcDocument());
});
