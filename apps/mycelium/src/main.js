// What is run. Plain JavaScript, because Node's TypeScript compiler takes 18 MB and 80 ms as soon as one file needs it:
// what it has compiled is kept in the repository's own cache, where nobody else can write, and taken from there.
import { enableCompileCache } from 'node:module';
import path from 'node:path';
import v8 from 'node:v8';

enableCompileCache(path.resolve(import.meta.dirname, '../../../.cache/compiled'));
// Starting makes much garbage, for which the heap of young objects would grow to 32 MB and stay so: a daemon that mostly
// waits takes 98 MB instead of 115 to 145 (bench: idle.rss). Once it is busy it may (src/daemon/young-heap.ts).
v8.setFlagsFromString('--semi-space-growth-factor=1');
// scripts/run.js and the demonstration keep a channel open to us. It closes when they are killed and can pass no signal on; nobody
// is to find a node that runs without its terminal then, and holds the data folder.
if (process.channel !== undefined) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
await import('./main.ts');
