import { defineConfig } from 'vitest/config';

const minute = 60_000;

export default defineConfig({
  test: {
    pool: 'forks',
    // Engine tests run the real CLI with its plugins; more of them at once would only wait for each other.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/{unit,program,engine}/**/*.test.ts'],
          testTimeout: 2 * minute,
          hookTimeout: 2 * minute,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 10 * minute,
          hookTimeout: 10 * minute,
        },
      },
    ],
  },
});
