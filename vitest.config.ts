import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    sequence: { shuffle: true },
    // Generous, so that a test does not fail because the machine is busy.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 10_000 } },
    // Most files wait for processes that they start, so two at a time pay off even on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', './tests/support/summary-reporter.ts'],
    coverage: {
      include: ['domain/**', 'application/**', 'infrastructure/**', 'interfaces/**'],
      // The entry of the command, which its tests run in a process of its own, and the page, which its tests run in a
      // browser. Coverage is measured in neither.
      exclude: ['interfaces/cli/main.ts', 'interfaces/web/**'],
      reporter: ['text', 'html'],
      // The endurance tests run more of the page, of accounts, of workers and of commands, without measuring coverage.
      thresholds: { '{domain,application,interfaces}/**': { lines: 89 } },
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/{domain,application,infrastructure,http,architecture}/**/*.test.ts'],
          // Test files share a process, which loads each module once. A test that replaces a global has to restore it.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'database',
          include: ['tests/{conformance,integration}/**/*.test.ts'],
          globalSetup: ['tests/support/build.ts', 'tests/support/postgres-for-tests.ts'],
          setupFiles: ['tests/support/calm-event-loop.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'endurance',
          include: ['tests/endurance/**/*.test.ts'],
          globalSetup: ['tests/support/build.ts', 'tests/support/postgres-for-tests.ts'],
          setupFiles: ['tests/support/calm-event-loop.ts'],
          testTimeout: 600_000,
          // Their faults and bounds are in real time, and another program may take the processor for seconds.
          retry: 1,
        },
      },
    ],
  },
});
