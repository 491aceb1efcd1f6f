import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,program,engine}/**/*.test.ts'],
    pool: 'forks',
    // Engine tests run the real CLI with its plugins; two of them at once would only wait for each other.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
