import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,program,engine}/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
  },
});
