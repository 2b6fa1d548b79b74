import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    sequence: { shuffle: true },
    // Machines stall: nobody waits for long, but nobody fails for it either.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 10_000 } },
    // Most files wait for processes that they started: two at a time are twice as fast on two cores, too.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', './tests/support/summary-reporter.ts'],
    coverage: {
      include: ['domain/**', 'application/**', 'infrastructure/**', 'interfaces/**'],
      // The process's own entry: three lines, run by the tests of the command in a process of their own.
      exclude: ['interfaces/cli/main.ts'],
      reporter: ['text', 'html'],
      thresholds: { '{domain,application,interfaces}/**': { lines: 95 } },
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/{domain,application,infrastructure,http,architecture}/**/*.test.ts'],
          // One process runs many files and loads each module once. A test that replaces a global puts it back.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'database',
          include: ['tests/{conformance,integration}/**/*.test.ts'],
          globalSetup: ['tests/support/build.ts', 'tests/support/postgres-for-tests.ts'],
        },
      },
    ],
  },
});
