// Native packages are installed with install scripts off, so their prebuilt binaries must load as they are.
import { expect, test } from 'vitest';

const names = ['better-sqlite3-multiple-ciphers', 'hyperdht', 'lmdb', 'sodium-native', 'udx-native'];

test.for(names)('%s loads without a compiler or an install script', async (name) => {
  const loaded: unknown = await import(name);
  expect(loaded).toBeTypeOf('object');
});
