import { defineConfig } from 'vitest/config';

export default defineConfig({
  // One copy of graphql: the one that Node itself resolves, as its dependents do. Vitest's own conditions would find another beside it.
  ssr: { resolve: { conditions: ['module-sync', 'node'] } },
  test: {
    include: ['src/**/*.test.ts', 'e2e/**/*.test.ts', 'docs/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
