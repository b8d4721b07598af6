// Where tests find vectors: ours in vectors/, public ones beside the repository when they are there.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'vitest';

export const repository: string = path.join(import.meta.dirname, '../../..');

/** One of our own files. */
export function ownVectors(name: string): unknown {
  return JSON.parse(readFileSync(path.join(repository, 'vectors', name), 'utf8')) as unknown;
}

/** A public file, or a skip that says why. */
export function publicVectors(name: string, context: TestContext): unknown {
  const file = path.join(repository, '../shared/vectors', name);
  if (!existsSync(file)) context.skip('there is no ../shared/vectors here');
  return JSON.parse(readFileSync(file, 'utf8')) as unknown;
}
