import { defineConfig } from 'drizzle-kit';

/** `npm run migration` writes a migration for what changed in `tables.ts`. */
export default defineConfig({ dialect: 'sqlite', schema: './src/eventstore/sqlite/tables.ts', out: './drizzle/sqlite' });
