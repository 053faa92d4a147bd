import { createRequire } from 'node:module';
import type * as Core from 'drizzle-orm/sqlite-core';

/** drizzle's tables and queries for SQLite: by its CommonJS build, as `sql/drizzle.ts` says. */
export const { integer, QueryBuilder, sqliteTable, text } = createRequire(import.meta.url)('drizzle-orm/sqlite-core') as typeof Core;
