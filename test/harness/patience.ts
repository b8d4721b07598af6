/**
 * How long a test waits for what must come. Only a hang reaches it, on a slow machine that is busy besides too; a test's own limit
 * (vitest.config.ts) is longer, so that what was waited for is told.
 */
export const patienceMs = 180_000;
