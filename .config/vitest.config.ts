import { defineConfig } from 'vitest/config';

export default defineConfig({
  // One copy of graphql: the one that Node itself resolves, as its dependents do. Vitest's own conditions would find another beside it.
  ssr: { resolve: { conditions: ['module-sync', 'node'] } },
  test: {
    include: ['src/**/*.test.ts', 'e2e/**/*.test.ts', 'docs/**/*.test.ts'],
    environment: 'node',
    // A process each, as better-sqlite3 and signals want it; and half of the cores for the servers that tests start.
    pool: 'forks',
    maxWorkers: '50%',
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
