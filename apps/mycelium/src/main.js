// What is run. Plain JavaScript, because Node's TypeScript compiler takes 18 MB and 80 ms as soon as one file needs it:
// what it has compiled is kept in the repository's own cache, where nobody else can write, and taken from there.
import { enableCompileCache } from 'node:module';
import path from 'node:path';

enableCompileCache(path.resolve(import.meta.dirname, '../../../.cache/compiled'));
await import('./main.ts');
