import { defineConfig } from 'drizzle-kit';

/** `npm run migration:postgres` writes a migration for what changed in `tables.ts`. */
export default defineConfig({ dialect: 'postgresql', schema: './src/eventstore/postgres/tables.ts', out: './drizzle/postgres' });
