// npm run fuzz:kernel -- [--frames 1e7] [--seed N]
//
// Puts random runs of frames through the WebAssembly kernel and through libsodium and compares all that comes out: bytes, where
// opening stops, chain keys. Ends at the first difference with the seed that shows it again.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { fuzzKernel } from '../packages/kernel/test/fuzz.ts';

const { values } = parseArgs({
  options: { frames: { type: 'string', default: '1e6' }, seed: { type: 'string' } },
});
const frames = Number(values.frames);
const seed = Number(values.seed ?? randomInt(2 ** 32));
if (!Number.isSafeInteger(frames) || frames < 1 || !(seed >= 0 && seed < 2 ** 32)) {
  process.stderr.write('--frames takes a number of frames, like 1e7; --seed a number below 2^32.\n');
  process.exit(2);
}
const started = performance.now();
const outcome = fuzzKernel(frames, seed, (done) => process.stderr.write(`\r${done} frames `));
const seconds = Math.round((performance.now() - started) / 1000);
process.stderr.write('\r');
process.stdout.write(
  `${outcome.frames} frames in ${outcome.runs} runs, ${outcome.stopped} of them with a wrong bit, are the same from ` +
    `the kernel and from libsodium. Seed ${seed}, ${seconds} s.\n`,
);
