import { defineConfig } from 'vitest/config';

// The launcher that was killed with -9 can no longer pass a signal on: its channel closes instead.
process.once('disconnect', () => process.exit(1));
process.channel?.unref();

export default defineConfig({
  test: {
    pool: 'forks',
    // Renders and redis-servers run beside the tests: more files at once only make each other time out.
    maxWorkers: 2,
    setupFiles: ['./test/support/end-with-the-run.ts'],
    reporters: ['default', './test/support/summary-reporter.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['./test/support/run-servers/setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'media', include: ['test/media/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
      },
      {
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
      },
      {
        extends: true,
        test: {
          name: 'compose',
          include: ['test/compose/**/*.test.ts'],
          globalSetup: ['./test/compose/setup.ts'],
          // All of them work on the same house.
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
