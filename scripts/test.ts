// `npm test`: all of verify, then the skipped tests with their reasons, then the one line that CI reads.
import { verify } from './steps.ts';

const { ok, counts } = await verify();
for (const { title, reason } of counts.skipped) {
  process.stdout.write(`${title}: skipped, because ${reason}\n`);
}
// A step other than the tests that failed counts as one failure.
const failed = ok ? counts.failed : Math.max(1, counts.failed);
process.stdout.write(`${counts.passed} passed, ${failed} failed, ${counts.skipped.length} skipped\n`);
process.exitCode = ok && failed === 0 ? 0 : 1;
