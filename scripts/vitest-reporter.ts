// Counts tests and keeps why each skipped one was skipped, in the file that MYCELIUM_TEST_COUNTS names.
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

export interface TestCounts {
  passed: number;
  failed: number;
  skipped: { title: string; reason: string }[];
}

/* oxlint-disable-next-line import/no-default-export -- Vitest loads a reporter's default export. */
export default class CountingReporter implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly unknown[],
    _reason: TestRunEndReason,
  ): void {
    const counts: TestCounts = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      counts.failed += module.errors().length; // a file that could not be loaded has no tests to count
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') counts.passed++;
        else if (result.state === 'skipped') {
          const reason =
            result.note ?? /\bbecause (.+?)\)?$/.exec(test.fullName)?.[1] ?? 'no reason was given';
          counts.skipped.push({ title: test.fullName, reason });
        } else counts.failed++;
      }
    }
    const file = process.env['MYCELIUM_TEST_COUNTS'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  }
}
